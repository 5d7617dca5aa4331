"""The course's net for series: a causal convolution, an LSTM, Huber and SGD with momentum."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, AHEAD = 10, 10
WEEKS = np.arange(1, AHEAD + 1, dtype="float32")[:, None]


def windowed_dataset(series):
    dataset = tf.data.Dataset.from_tensor_slices(series)
    dataset = dataset.window(PAST + AHEAD, shift=1, drop_remainder=True)
    dataset = dataset.flat_map(lambda window: window.batch(PAST + AHEAD))
    dataset = dataset.map(lambda window: (window[:PAST], tf.cumsum(window[PAST:]) / WEEKS))
    return dataset.shuffle(1000).batch(32).cache().prefetch(1)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    prices = np.loadtxt(
        HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=1, dtype="float32"
    )[:, None]
    mean, spread = prices.mean(axis=0), prices.std(axis=0)
    scaled, split = (prices - mean) / spread, int(0.9 * len(prices))
    net = tf.keras.Sequential(
        [
            tf.keras.Input((PAST, 1)),
            tf.keras.layers.Conv1D(32, 5, padding="causal", activation="relu"),
            tf.keras.layers.LSTM(32, return_sequences=True),
            tf.keras.layers.LSTM(32, return_sequences=True),
            tf.keras.layers.Dense(30, activation="relu"),
            tf.keras.layers.Dense(1),
        ]
    )
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)
    net.compile(optimizer, loss=tf.keras.losses.Huber(), metrics=["mae"])
    train, valid = windowed_dataset(scaled[:split]), windowed_dataset(scaled[split:])
    net.fit(train, epochs=100, validation_data=valid, verbose=2)
    before = tf.keras.layers.Rescaling(1 / float(spread[0]), -float(mean[0] / spread[0]))
    after = tf.keras.layers.Rescaling(float(spread[0]), float(mean[0]))
    return tf.keras.Sequential([tf.keras.Input((PAST, 1)), before, net, after])


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
