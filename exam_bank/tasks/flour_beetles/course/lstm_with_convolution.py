"""The course's net for series: a causal convolution, an LSTM, Huber and SGD with momentum."""

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
    mean, spread = jars.mean(axis=(0, 1)), jars.std(axis=(0, 1))
    scaled = (jars - mean) / spread
    net = tf.keras.Sequential(
        [
            tf.keras.Input((PAST, 1)),
            tf.keras.layers.Conv1D(32, 5, padding="causal", activation="relu"),
            tf.keras.layers.LSTM(32),
            tf.keras.layers.Dense(30, activation="relu"),
            tf.keras.layers.Dense(AHEAD),
        ]
    )
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)
    net.compile(optimizer, loss=tf.keras.losses.Huber(), metrics=["mae"])
    train, valid = windowed_dataset(scaled[:180]), windowed_dataset(scaled[180:])
    net.fit(train, epochs=10, validation_data=valid, verbose=2)
    before = tf.keras.layers.Rescaling(1 / float(spread[0]), -float(mean[0] / spread[0]))
    after = tf.keras.layers.Rescaling(float(spread[0]), float(mean[0]))
    return tf.keras.Sequential([tf.keras.Input((PAST, 1)), before, net, after])


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
