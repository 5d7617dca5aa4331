"""Dense windows as the course makes them: the flattened window, 64 and 64 units, and Adam."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, AHEAD = 10, 10


def load_windows():
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2), dtype="float32")
    prices, noted = rows.T
    starts = np.arange(len(rows) - PAST - AHEAD + 1)[:, None]
    return noted[starts + np.arange(PAST)][..., None], prices[starts + PAST + np.arange(AHEAD)]


def windowed_dataset(inputs, targets):
    dataset = tf.data.Dataset.from_tensor_slices((inputs, targets))
    return dataset.shuffle(len(inputs)).batch(32).prefetch(1)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    inputs, targets = load_windows()
    split = int(0.9 * len(inputs))
    train = windowed_dataset(inputs[:split], targets[:split])
    valid = windowed_dataset(inputs[split:], targets[split:])
    scaled = tf.keras.layers.Normalization(axis=-1)
    scaled.adapt(inputs)
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
