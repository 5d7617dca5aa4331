"""Dense windows as the course makes them: the flattened window, 64 and 64 units, and Adam."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, AHEAD = 24, 1


def windows(rows):
    starts = np.arange(len(rows) - PAST - AHEAD + 1)[:, None]
    return rows[starts + np.arange(PAST)], rows[starts + PAST + np.arange(AHEAD), 0]


def windowed_dataset(jars):
    pairs = [windows(rows) for rows in jars]
    inputs, targets = (np.concatenate(part) for part in zip(*pairs, strict=True))
    dataset = tf.data.Dataset.from_tensor_slices((inputs, targets))
    return dataset.shuffle(len(inputs)).batch(32).prefetch(1)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    jars = np.loadtxt(
        HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=2, dtype="float32"
    ).reshape(200, -1, 1)
    train, valid = windowed_dataset(jars[:180]), windowed_dataset(jars[180:])
    scaled = tf.keras.layers.Normalization(axis=-1)
    scaled.adapt(jars)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((PAST, 1)),
            scaled,
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(AHEAD),
        ]
    )
    model.compile("adam", loss="mae")
    model.fit(train, epochs=30, validation_data=valid, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
