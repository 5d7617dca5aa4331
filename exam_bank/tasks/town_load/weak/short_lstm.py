"""The course's recurrent net, three epochs: it knows the day's shape, not tomorrow's."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(1, 6), dtype="float32")
    starts = np.arange(0, len(rows) - 71, 2)[:, None]
    inputs, targets = rows[starts + np.arange(48)], rows[starts + 48 + np.arange(24), 0]
    scaled = tf.keras.layers.Normalization(axis=-1)
    scaled.adapt(rows)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((48, 5)),
            scaled,
            tf.keras.layers.LSTM(32),
            tf.keras.layers.Dense(24),
            tf.keras.layers.Rescaling(float(rows[:, 0].std()), float(rows[:, 0].mean())),
        ]
    )
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=3, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
