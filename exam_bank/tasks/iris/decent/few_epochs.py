"""Scaled lengths and a softmax layer, stopped while it still improves."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
SPECIES = ["setosa", "versicolor", "virginica"]


def load_flowers():
    table = np.genfromtxt(HERE / "data" / "train.csv", delimiter=",", skip_header=1, dtype=str)
    labels = np.array([SPECIES.index(name) for name in table[:, 4]])
    return table[:, :4].astype("float32"), labels


def solution_model():
    tf.keras.utils.set_random_seed(7)
    flowers, labels = load_flowers()
    scaled = tf.keras.layers.Normalization()
    scaled.adapt(flowers)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((4,)),
            scaled,
            tf.keras.layers.Dense(3, activation="softmax", kernel_initializer="zeros"),
        ]
    )
    model.compile(tf.keras.optimizers.SGD(0.05), "sparse_categorical_crossentropy")
    model.fit(flowers, labels, epochs=8, batch_size=16, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
