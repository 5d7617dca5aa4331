"""Two layers, scaled on both ends, with one constant step size: the last gains are missing."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    flats, prices = table[:, :8], table[:, 8:]
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(flats)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((8,)),
            scaled,
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1),
            tf.keras.layers.Rescaling(float(prices.std()), float(prices.mean())),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(2e-3), loss="mae")
    model.fit(flats, prices, epochs=40, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
