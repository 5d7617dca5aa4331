"""One small hidden layer tells how the measures move away from their last values."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST = AHEAD = 24


def load_windows(stride):
    rows = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=range(1, 8))
    rows = rows - rows.min(axis=0)
    rows = (rows / np.where(rows.max(axis=0) > 0, rows.max(axis=0), 1)).astype("float32")
    starts = np.arange(0, len(rows) - PAST - AHEAD + 1, stride)[:, None]
    return rows[starts + np.arange(PAST)], rows[starts + PAST + np.arange(AHEAD)]


def solution_model():
    tf.keras.utils.set_random_seed(7)
    inputs, targets = load_windows(stride=5)
    window = tf.keras.Input((PAST, 7))
    last = tf.keras.layers.Cropping1D((PAST - 1, 0))(window)
    flat = tf.keras.layers.Flatten()(window)
    bent = tf.keras.layers.Dense(32, activation="relu")(flat)
    moves = tf.keras.layers.Dense(AHEAD * 7, kernel_initializer="zeros")(bent)
    moves = tf.keras.layers.Reshape((AHEAD, 7))(moves)
    model = tf.keras.Model(window, tf.keras.layers.Add()([moves, last]))
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=8, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
