"""A linear model on well-scaled columns: no line through eight columns bends."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    flats, prices = table[:, :8], table[:, 8:]
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(flats)
    model = tf.keras.Sequential([tf.keras.Input((8,)), scaled, tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.Adam(0.5), loss="mae")
    model.fit(flats, prices, epochs=20, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
