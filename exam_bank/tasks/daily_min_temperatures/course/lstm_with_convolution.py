"""The course's net for series: a causal convolution, an LSTM, Huber and SGD with momentum."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, WEEKS, NIGHTS = 60, 16, 7


def load_windows():
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2), dtype="float32")
    heating, nights = rows.T
    starts = np.arange(len(rows) - PAST - WEEKS * NIGHTS + 1)[:, None]
    later = heating[starts + PAST + np.arange(WEEKS * NIGHTS)]
    return nights[starts + np.arange(PAST)][..., None], later.reshape(-1, WEEKS, NIGHTS).mean(2)


def windowed_dataset(inputs, targets):
    dataset = tf.data.Dataset.from_tensor_slices((inputs, targets))
    return dataset.shuffle(len(inputs)).batch(32).prefetch(1)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    inputs, targets = load_windows()
    mean, spread = float(inputs.mean()), float(inputs.std())
    scaled, answers = (inputs - mean) / spread, targets / spread
    split = int(0.9 * len(inputs))
    train = windowed_dataset(scaled[:split], answers[:split])
    valid = windowed_dataset(scaled[split:], answers[split:])
    net = tf.keras.Sequential(
        [
            tf.keras.Input((PAST, 1)),
            tf.keras.layers.Conv1D(32, 5, padding="causal", activation="relu"),
            tf.keras.layers.LSTM(32),
            tf.keras.layers.Dense(30, activation="relu"),
            tf.keras.layers.Dense(WEEKS),
        ]
    )
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.02, momentum=0.9)
    net.compile(optimizer, loss=tf.keras.losses.Huber(), metrics=["mae"])
    net.fit(train, epochs=20, validation_data=valid, verbose=2)
    before = tf.keras.layers.Rescaling(1 / spread, -mean / spread)
    after = tf.keras.layers.Rescaling(spread)
    return tf.keras.Sequential([tf.keras.Input((PAST, 1)), before, net, after])


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
