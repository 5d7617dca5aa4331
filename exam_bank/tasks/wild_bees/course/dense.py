"""The course's dense net for classes behind a normalisation layer: 64, 64 and a softmax."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
SPECIES = ["forest", "garden", "heath", "meadow", "moss", "stone"]


def load_data():
    table = np.genfromtxt(HERE / "data" / "bees.csv", delimiter=",", skip_header=1, dtype=str)
    labels = np.array([SPECIES.index(name) for name in table[:, 8]])
    return table[:, :8].astype("float32"), labels


def solution_model():
    tf.keras.utils.set_random_seed(7)
    measures, labels = load_data()
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(measures)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((8,)),
            scaled,
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(6, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(measures, labels, epochs=50, validation_split=0.2, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
