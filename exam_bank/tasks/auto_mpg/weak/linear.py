"""A linear model on well-scaled columns: no line through nine columns bends."""

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
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(cars)
    model = tf.keras.Sequential([tf.keras.Input((9,)), scaled, tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.Adam(0.3), loss="mse")
    model.fit(cars, surplus, epochs=60, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
