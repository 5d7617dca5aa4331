"""The course's two bidirectional LSTMs, one answer a step, with Huber and SGD with momentum."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, AHEAD = 60, 60


def windowed_dataset(series):
    dataset = tf.data.Dataset.from_tensor_slices(series)
    dataset = dataset.window(PAST + AHEAD, shift=1, drop_remainder=True)
    dataset = dataset.flat_map(lambda window: window.batch(PAST + AHEAD))
    dataset = dataset.map(lambda window: (window[:PAST], window[PAST:]))
    return dataset.shuffle(1000).batch(32).cache().prefetch(1)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    series = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=1)
    series = (series - series.min()) / (series - series.min()).max()
    series = series.astype("float32")[:, None]
    split = int(0.9 * len(series))
    train, valid = windowed_dataset(series[:split]), windowed_dataset(series[split:])
    model = tf.keras.Sequential(
        [
            tf.keras.Input((None, 1)),
            tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(32, return_sequences=True)),
            tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(32, return_sequences=True)),
            tf.keras.layers.Dense(1),
        ]
    )
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)
    model.compile(optimizer, loss=tf.keras.losses.Huber(), metrics=["mae"])
    model.fit(train, epochs=50, validation_data=valid, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
