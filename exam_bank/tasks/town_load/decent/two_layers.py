"""Two dense layers on every window, a constant step size and no guard against overfitting."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(1, 6), dtype="float32")
    starts = np.arange(len(rows) - 71)[:, None]
    inputs, targets = rows[starts + np.arange(48)], rows[starts + 48 + np.arange(24), 0]
    scaled = tf.keras.layers.Normalization(axis=-1)
    scaled.adapt(rows)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((48, 5)),
            scaled,
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(24),
            tf.keras.layers.Rescaling(float(targets.std()), float(targets.mean())),
        ]
    )
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=3, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
