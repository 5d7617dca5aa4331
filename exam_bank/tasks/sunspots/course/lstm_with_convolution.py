"""The course's net for series: a causal convolution, an LSTM, Huber and SGD with momentum."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, YEARS, MONTHS = 60, 5, 12


def load_windows():
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2), dtype="float32")
    above, sunspots = rows.T
    starts = np.arange(len(rows) - PAST - YEARS * MONTHS + 1)[:, None]
    later = above[starts + PAST + np.arange(YEARS * MONTHS)]
    return sunspots[starts + np.arange(PAST)][..., None], later.reshape(-1, YEARS, MONTHS).mean(2)


def windowed_dataset(inputs, targets):
    dataset = tf.data.Dataset.from_tensor_slices((inputs, targets))
    return dataset.shuffle(len(inputs)).batch(32).prefetch(1)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    inputs, targets = load_windows()
    split = int(0.9 * len(inputs))
    train = windowed_dataset(inputs[:split], targets[:split])
    valid = windowed_dataset(inputs[split:], targets[split:])
    model = tf.keras.Sequential(
        [
            tf.keras.Input((PAST, 1)),
            tf.keras.layers.Conv1D(32, 5, padding="causal", activation="relu"),
            tf.keras.layers.LSTM(32),
            tf.keras.layers.Dense(30, activation="relu"),
            tf.keras.layers.Dense(YEARS),
        ]
    )
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.05, momentum=0.9)
    model.compile(optimizer, loss=tf.keras.losses.Huber(), metrics=["mae"])
    model.fit(train, epochs=30, validation_data=valid, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
