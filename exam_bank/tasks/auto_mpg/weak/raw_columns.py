"""A deep enough model on the raw columns: pounds by the thousand drown all the others."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
ORIGINS = ("usa", "europe", "japan")


def load_cars():
    table = np.genfromtxt(HERE / "data" / "train.csv", delimiter=",", skip_header=1, dtype=str)
    table = table[(table != "").all(axis=1)]
    origins = (table[:, 6:7] == np.array(ORIGINS)).astype("float32")
    return np.hstack([table[:, :6].astype("float32"), origins]), table[:, 7:].astype("float32")


def solution_model():
    tf.keras.utils.set_random_seed(7)
    cars, surplus = load_cars()
    model = tf.keras.Sequential(
        [
            tf.keras.Input((9,)),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1),
        ]
    )
    model.compile("adam", loss="mae")
    model.fit(cars, surplus, epochs=20, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
