"""The course's recurrent net with few epochs: it stays near the mean price."""

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
            tf.keras.layers.LSTM(32, return_sequences=True),
            tf.keras.layers.Dense(1),
        ]
    )
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=15, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
