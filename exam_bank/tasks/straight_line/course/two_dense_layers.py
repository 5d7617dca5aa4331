"""Two dense layers of 64 with Adam, the course's answer to any small table."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def load_data():
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :1], table[:, 1:]


def solution_model():
    tf.keras.utils.set_random_seed(7)
    days, offsets = load_data()
    model = tf.keras.Sequential(
        [
            tf.keras.Input((1,)),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    model.fit(days, offsets, epochs=500, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
