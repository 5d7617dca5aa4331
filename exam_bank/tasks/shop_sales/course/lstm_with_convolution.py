"""The course's net for series: a causal convolution, an LSTM, Huber and SGD with momentum."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, AHEAD = 28, 14


def windows(rows):
    starts = np.arange(len(rows) - PAST - AHEAD + 1)[:, None]
    return rows[starts + np.arange(PAST)], rows[starts + PAST + np.arange(AHEAD), 0]


def windowed_dataset(branches):
    pairs = [windows(rows) for rows in branches]
    inputs, targets = (np.concatenate(part) for part in zip(*pairs, strict=True))
    dataset = tf.data.Dataset.from_tensor_slices((inputs, targets))
    return dataset.shuffle(len(inputs)).batch(32).prefetch(1)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    branches = np.loadtxt(
        HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=range(2, 7), dtype="float32"
    ).reshape(12, -1, 5)
    mean, spread = branches.mean(axis=(0, 1)), branches.std(axis=(0, 1))
    scaled, split = (branches - mean) / spread, int(0.9 * branches.shape[1])
    net = tf.keras.Sequential(
        [
            tf.keras.Input((PAST, 5)),
            tf.keras.layers.Conv1D(32, 5, padding="causal", activation="relu"),
            tf.keras.layers.LSTM(32),
            tf.keras.layers.Dense(30, activation="relu"),
            tf.keras.layers.Dense(AHEAD),
        ]
    )
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)
    net.compile(optimizer, loss=tf.keras.losses.Huber(), metrics=["mae"])
    train, valid = windowed_dataset(scaled[:, :split]), windowed_dataset(scaled[:, split:])
    net.fit(train, epochs=15, validation_data=valid, verbose=2)
    before = tf.keras.layers.Normalization(axis=-1, mean=mean, variance=spread**2)
    after = tf.keras.layers.Rescaling(float(spread[0]), float(mean[0]))
    return tf.keras.Sequential([tf.keras.Input((PAST, 5)), before, net, after])


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
