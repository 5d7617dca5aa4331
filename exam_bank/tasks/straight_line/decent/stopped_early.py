"""Both ends scaled and a start at zero, so that all goes well; then stopped before it is done."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    days, offsets = table[:, :1], table[:, 1:]
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(days)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((1,)),
            scaled,
            tf.keras.layers.Dense(1, kernel_initializer="zeros"),
            tf.keras.layers.Rescaling(float(offsets.std()), float(offsets.mean())),
        ]
    )
    model.compile(tf.keras.optimizers.SGD(0.05 / float(offsets.var())), loss="mse")
    model.fit(days, offsets, epochs=15, batch_size=len(days), verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
