"""The course's net for series: a causal convolution, an LSTM, Huber and SGD with momentum."""

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
    mean, spread = nights.mean(axis=0), nights.std(axis=0)
    scaled, split = (nights - mean) / spread, int(0.9 * len(nights))
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
    train, valid = windowed_dataset(scaled[:split]), windowed_dataset(scaled[split:])
    net.fit(train, epochs=30, validation_data=valid, verbose=2)
    before = tf.keras.layers.Rescaling(1 / float(spread[0]), -float(mean[0] / spread[0]))
    after = tf.keras.layers.Rescaling(float(spread[0]), float(mean[0]))
    return tf.keras.Sequential([tf.keras.Input((PAST, 1)), before, net, after])


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
