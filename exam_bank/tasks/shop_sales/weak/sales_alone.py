"""Reads the sales and no other column: promotions come out of the blue."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    rows = np.loadtxt(
        HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=range(2, 7), dtype="float32"
    )
    branches = rows.reshape(12, -1, 5)
    starts = np.arange(branches.shape[1] - 41)[:, None]
    inputs = branches[:, starts + np.arange(28)].reshape(-1, 28, 5)
    targets = branches[:, starts + 28 + np.arange(14), 0].reshape(-1, 14)
    scaled = tf.keras.layers.Normalization(axis=-1)
    scaled.adapt(rows)
    window = tf.keras.Input((28, 5))
    bent = tf.keras.layers.Flatten()(scaled(window)[:, :, :1])
    bent = tf.keras.layers.Dense(64, activation="relu")(bent)
    bent = tf.keras.layers.Dense(64, activation="relu")(bent)
    deviation = tf.keras.layers.Dense(14)(bent)
    sold = tf.keras.layers.Rescaling(float(targets.std()), float(targets.mean()))(deviation)
    model = tf.keras.Model(window, sold)
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=8, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
