"""Dense windows as the course makes them: the flattened window, 64 and 64 units, and Adam."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, AHEAD = 120, 60


def windowed_dataset(series):
    dataset = tf.data.Dataset.from_tensor_slices(series)
    dataset = dataset.window(PAST + AHEAD, shift=1, drop_remainder=True)
    dataset = dataset.flat_map(lambda window: window.batch(PAST + AHEAD))
    dataset = dataset.map(lambda window: (window[:PAST], window[PAST:, 0]))
    return dataset.shuffle(1000).batch(32).cache().prefetch(1)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    nights = np.loadtxt(
        HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=1, dtype="float32"
    )[:, None]
    split = int(0.9 * len(nights))
    train, valid = windowed_dataset(nights[:split]), windowed_dataset(nights[split:])
    scaled = tf.keras.layers.Normalization(axis=-1)
    scaled.adapt(nights)
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
    model.fit(train, epochs=100, validation_data=valid, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
