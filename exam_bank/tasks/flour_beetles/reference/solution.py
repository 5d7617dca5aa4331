"""Two smooth layers over all 24 censuses: the last two say where on the hump a jar stands.

The others tell how much food it has, which nobody wrote down. The step size falls to nothing,
because the hump is steep and small errors cost much.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
JARS, PAST = 200, 24
EPOCHS, BATCH = 40, 64


def windows(jar):
    starts = np.arange(len(jar) - PAST)[:, None]
    return jar[starts + np.arange(PAST), None], jar[PAST:, None]


def build_model(counts):
    mean, spread = float(counts.mean()), float(counts.std())
    return tf.keras.Sequential(
        [
            tf.keras.Input((PAST, 1)),
            tf.keras.layers.Rescaling(1 / spread, -mean / spread),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(64, activation="swish"),
            tf.keras.layers.Dense(64, activation="swish"),
            tf.keras.layers.Dense(1),
            tf.keras.layers.Rescaling(spread, mean),
        ]
    )


def solution_model():
    path = HERE / "data" / "train.csv"
    counts = np.loadtxt(path, delimiter=",", skiprows=1, usecols=2, dtype="float32")
    pairs = [windows(jar) for jar in counts.reshape(JARS, -1)]
    inputs, targets = (np.concatenate(part) for part in zip(*pairs, strict=True))
    model = build_model(counts)
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * -(-len(inputs) // BATCH))
    # Sixteen steps a call: the same training with a quarter of the overhead.
    model.compile(tf.keras.optimizers.Adam(rate), loss="mae", steps_per_execution=16)
    model.fit(
        inputs,
        targets,
        epochs=EPOCHS,
        batch_size=BATCH,
        verbose=0,
        callbacks=[tf.keras.callbacks.CSVLogger(HERE / "training.csv")],
    )
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
