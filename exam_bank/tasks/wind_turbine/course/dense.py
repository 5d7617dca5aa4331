"""Basic regression as TensorFlow's tutorial has it: normalised columns, 64, 64, Adam, MAE."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def load_data():
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :7], table[:, 7:]


def solution_model():
    tf.keras.utils.set_random_seed(7)
    readings, power = load_data()
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(readings)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((7,)),
            scaled,
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(0.001), loss="mean_absolute_error")
    model.fit(readings, power, epochs=100, validation_split=0.2, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
