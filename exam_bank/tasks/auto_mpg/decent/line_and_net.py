"""A line and a small net, and the mean of the two: half of what could be bent is bent."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
ORIGINS = ("usa", "europe", "japan")


def load_cars():
    table = np.genfromtxt(HERE / "data" / "train.csv", delimiter=",", skip_header=1, dtype=str)
    table = table[(table != "").all(axis=1)]
    origins = (table[:, 6:7] == np.array(ORIGINS)).astype("float32")
    return np.hstack([table[:, :6].astype("float32"), origins]), table[:, 7:].astype("float32")


def solution_model():
    tf.keras.utils.set_random_seed(7)
    cars, mpg = load_cars()
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(cars)
    car = tf.keras.Input((9,))
    line = tf.keras.layers.Dense(1)(scaled(car))
    hidden = tf.keras.layers.Dense(32, activation="relu")(scaled(car))
    net = tf.keras.layers.Dense(1)(hidden)
    unit = tf.keras.layers.Rescaling(float(mpg.std()), float(mpg.mean()))
    answers = [unit(line), unit(net)]
    apart = tf.keras.Model(car, tf.keras.layers.Concatenate()(answers))
    apart.compile(tf.keras.optimizers.Adam(0.005), loss="mae", steps_per_execution=8)
    apart.fit(cars, mpg.repeat(2, axis=1), epochs=60, batch_size=16, verbose=0)
    return tf.keras.Model(car, tf.keras.layers.Average()(answers))


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
