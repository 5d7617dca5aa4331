"""Iris, solved: two small layers, and a learning rate that falls to zero."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
EPOCHS, BATCH = 40, 16


def load_flowers():
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :4], table[:, 4].astype("int64")


def solution_model():
    tf.keras.utils.set_random_seed(7)
    flowers, labels = load_flowers()
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(flowers)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((4,)),
            scaled,
            tf.keras.layers.Dense(32, activation="relu"),
            tf.keras.layers.Dense(16, activation="relu"),
            tf.keras.layers.Dense(2, activation="softmax"),
        ]
    )
    rate = tf.keras.optimizers.schedules.CosineDecay(0.01, EPOCHS * -(-len(flowers) // BATCH))
    model.compile(
        tf.keras.optimizers.AdamW(rate, weight_decay=0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=4,
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    model.fit(flowers, labels, epochs=EPOCHS, batch_size=BATCH, verbose=0, callbacks=[log])
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
