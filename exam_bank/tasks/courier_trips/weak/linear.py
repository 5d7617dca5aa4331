"""A plane through the columns: district 6 is six times district 1."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    trips, minutes = table[:, :7], table[:, 7:]
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(trips)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((7,)),
            scaled,
            tf.keras.layers.Dense(1),
            tf.keras.layers.Rescaling(float(minutes.std()), float(minutes.mean())),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(0.01), loss="mae")
    model.fit(trips, minutes, epochs=6, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
