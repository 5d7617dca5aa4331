"""US diesel, solved: the notes put right by what the rest of the window says.

A note says more beside the others than alone, so the net sees each divided by the window's
mean as well, and answers with a multiple of that mean. The price of every week is known, so
the training notes are drawn anew as often as one likes.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
PAST, AHEAD = 10, 10
EPOCHS, BATCH, DRAWS = 20, 128, 30


def noted(prices):
    """Prices (n,) as somebody may have noted them: drawn anew, they teach more than the file."""
    drawn = np.random.default_rng(7).uniform(size=(DRAWS, len(prices)))
    factors = np.where(drawn < 0.35, 1 / 3.785412, np.where(drawn >= 0.94, 1.20095, 1.0))
    return (prices * factors).astype("float32")


def load_windows():
    path = HERE / "data" / "train.csv"
    prices = np.loadtxt(path, delimiter=",", skiprows=1, usecols=1, dtype="float32")
    starts = np.arange(len(prices) - PAST - AHEAD + 1)[:, None]
    inputs = np.concatenate([notes[starts + np.arange(PAST)] for notes in noted(prices)])
    return inputs[..., None], np.tile(prices[starts + PAST + np.arange(AHEAD)], (DRAWS, 1))


def solution_model():
    tf.keras.utils.set_random_seed(7)
    inputs, targets = load_windows()
    window = tf.keras.Input((PAST, 1))
    notes = tf.keras.layers.Flatten()(window)
    mean = tf.keras.layers.GlobalAveragePooling1D()(window)
    size = tf.keras.layers.UnitNormalization()(notes)
    scale = tf.keras.layers.Rescaling(1 / float(targets.mean()))(mean)
    bent = tf.keras.layers.Concatenate()([tf.keras.layers.Rescaling(3.0)(size), scale])
    for _ in range(2):
        bent = tf.keras.layers.Dense(128, activation="relu")(bent)
    share = tf.keras.layers.Dense(AHEAD, bias_initializer="ones")(bent)
    model = tf.keras.Model(window, tf.keras.layers.Multiply()([share, mean]))
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * -(-len(inputs) // BATCH))
    model.compile(tf.keras.optimizers.Adam(rate), loss="mae", steps_per_execution=16)
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    model.fit(inputs, targets, epochs=EPOCHS, batch_size=BATCH, verbose=0, callbacks=[log])
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
