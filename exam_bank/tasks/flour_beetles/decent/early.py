"""The right net with a constant step, stopped early: the foot of the hump is still rough."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    path = HERE / "data" / "train.csv"
    counts = np.loadtxt(path, delimiter=",", skiprows=1, usecols=2, dtype="float32")
    jars = counts.reshape(200, -1)
    starts = np.arange(jars.shape[1] - 24)[:, None]
    inputs = jars[:, starts + np.arange(24)].reshape(-1, 24, 1)
    targets = jars[:, 24:].reshape(-1, 1)
    scaled = tf.keras.layers.Rescaling(
        1 / float(counts.std()), -float(counts.mean() / counts.std())
    )
    model = tf.keras.Sequential(
        [
            tf.keras.Input((24, 1)),
            scaled,
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1),
            tf.keras.layers.Rescaling(float(counts.std()), float(counts.mean())),
        ]
    )
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=5, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
