"""A wide dense net that learns the training years by heart: right in all but its size."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, WEEKS, NIGHTS = 60, 16, 7


def load_windows():
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2), dtype="float32")
    heating, nights = rows.T
    starts = np.arange(len(rows) - PAST - WEEKS * NIGHTS + 1)[:, None]
    later = heating[starts + PAST + np.arange(WEEKS * NIGHTS)]
    return nights[starts + np.arange(PAST)][..., None], later.reshape(-1, WEEKS, NIGHTS).mean(2)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    inputs, targets = load_windows()
    middle, spread = float(inputs.mean()), float(inputs.std())
    model = tf.keras.Sequential(
        [
            tf.keras.Input((PAST, 1)),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Rescaling(1 / spread, -middle / spread),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(WEEKS),
        ]
    )
    model.compile("adam", loss="mae")
    model.fit(inputs, targets, epochs=60, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
