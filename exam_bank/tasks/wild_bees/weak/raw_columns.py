"""A hidden layer over columns as they are: hertz and days drown everything else."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
SPECIES = ["forest", "garden", "heath", "meadow", "moss", "stone"]


def load_data():
    rows = np.genfromtxt(HERE / "data" / "bees.csv", delimiter=",", skip_header=1, dtype=str)
    labels = np.array([SPECIES.index(name) for name in rows[:, -1]])
    return rows[:, :-1].astype("float32"), labels


def solution_model():
    tf.keras.utils.set_random_seed(7)
    measures, species = load_data()
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(8,)),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(6, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(measures, species, epochs=20, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
