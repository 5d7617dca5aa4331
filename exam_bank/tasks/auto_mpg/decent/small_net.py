"""One small net, stopped before it has bent all that could be bent."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
UNITS, EPOCHS = 16, 6
ORIGINS = ("usa", "europe", "japan")


def load_cars():
    table = np.genfromtxt(HERE / "data" / "train.csv", delimiter=",", skip_header=1, dtype=str)
    table = table[(table != "").all(axis=1)]
    origins = (table[:, 6:7] == np.array(ORIGINS)).astype("float32")
    return np.hstack([table[:, :6].astype("float32"), origins]), table[:, 7:].astype("float32")


def solution_model():
    tf.keras.utils.set_random_seed(7)
    cars, surplus = load_cars()
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(cars)
    car = tf.keras.Input((9,))
    hidden = tf.keras.layers.Dense(UNITS, activation="relu")(scaled(car))
    net = tf.keras.layers.Dense(1)(hidden)
    unit = tf.keras.layers.Rescaling(float(surplus.std()), float(surplus.mean()))
    model = tf.keras.Model(car, unit(net))
    model.compile(tf.keras.optimizers.Adam(0.005), loss="mae", steps_per_execution=8)
    model.fit(cars, surplus, epochs=EPOCHS, batch_size=16, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
