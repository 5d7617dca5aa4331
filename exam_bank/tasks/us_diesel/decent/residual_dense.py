"""A net of the changes since the last price, of all weeks, stopped after four epochs."""

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
    step = float(np.abs(np.diff(inputs, axis=1)).mean())
    window = tf.keras.Input((PAST, 1))
    last = tf.keras.layers.Cropping1D((PAST - 1, 0))(window)
    since = tf.keras.layers.Flatten()(tf.keras.layers.Subtract()([window, last]))
    changes = tf.keras.layers.Rescaling(1 / step)(since)
    bent = tf.keras.layers.Dense(16, activation="relu")(changes)
    rise = tf.keras.layers.Dense(AHEAD, kernel_initializer="zeros")(bent)
    rise = tf.keras.layers.Rescaling(step)(tf.keras.layers.Reshape((AHEAD, 1))(rise))
    model = tf.keras.Model(window, tf.keras.layers.Add()([rise, last]))
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=4, batch_size=32, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
