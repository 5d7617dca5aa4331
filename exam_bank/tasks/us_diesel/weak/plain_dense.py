"""A dense net on the prices as they are: outside the prices it knows, it is lost."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST = AHEAD = 10


def load_windows():
    prices = np.loadtxt(
        HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=1, dtype="float32"
    )[:, None]
    starts = np.arange(len(prices) - PAST - AHEAD + 1)[:, None]
    weeks = np.arange(1, AHEAD + 1, dtype="float32")[:, None]
    means = np.cumsum(prices[starts + PAST + np.arange(AHEAD)], axis=1) / weeks
    return prices[starts + np.arange(PAST)], means


def solution_model():
    tf.keras.utils.set_random_seed(7)
    inputs, targets = load_windows()
    model = tf.keras.Sequential(
        [
            tf.keras.Input((PAST, 1)),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(AHEAD),
            tf.keras.layers.Reshape((AHEAD, 1)),
        ]
    )
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=30, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
