"""The right windows and two layers, with a constant step and stopped while it still learns."""

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
    model = tf.keras.Sequential(
        [
            tf.keras.Input((28, 5)),
            scaled,
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(14),
            tf.keras.layers.Rescaling(float(targets.std()), float(targets.mean())),
        ]
    )
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=15, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
