"""One dense unit and plain gradient descent, run until the error is only rounding.

The loss is a bowl whose steepest direction allows a step of about 0.3; the flattest one
needs some dozens of steps. Momentum makes them few.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    days, offsets = table[:, :1], table[:, 1:]
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.SGD(0.07, momentum=0.7), loss="mse")
    model.fit(
        days,
        offsets,
        epochs=100,
        batch_size=len(days),
        verbose=0,
        callbacks=[tf.keras.callbacks.CSVLogger(HERE / "training.csv")],
    )
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
