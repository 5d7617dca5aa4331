"""Two dense layers of 64 on the raw lengths, Adam, 100 epochs."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def load_data():
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :4], table[:, 4].astype("int64")


def solution_model():
    tf.keras.utils.set_random_seed(7)
    flowers, labels = load_data()
    model = tf.keras.Sequential(
        [
            tf.keras.Input((4,)),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(flowers, labels, epochs=100, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
