"""The course's net for colour pictures: 16, 32 and 64 filters, then 512 dense units."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
LABELS = ["blight_a", "blight_b", "blight_c", "healthy"]


def load_data():
    rows = np.genfromtxt(HERE / "data" / "leaves.csv", delimiter=",", skip_header=1, dtype=str)
    files = [str(HERE / "data" / "leaves" / name) for name in rows[:, 0]]
    labels = [LABELS.index(name) for name in rows[:, 1]]
    pairs = tf.data.Dataset.from_tensor_slices((files, labels))
    pairs = pairs.map(lambda f, y: (tf.io.decode_jpeg(tf.io.read_file(f), 3) / 255, y)).cache()
    valid, train = pairs.take(320), pairs.skip(320).shuffle(1280)
    return train.batch(32).prefetch(2), valid.batch(32)


def solution_model():
    tf.keras.utils.set_random_seed(7)
    train, valid = load_data()
    model = tf.keras.Sequential(
        [
            tf.keras.Input((96, 96, 3)),
            tf.keras.layers.Conv2D(16, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(32, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(64, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(512, activation="relu"),
            tf.keras.layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=15, validation_data=valid, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
