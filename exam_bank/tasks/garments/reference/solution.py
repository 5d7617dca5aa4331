"""Garments, solved: a small convolutional network with a learning rate that falls to zero."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
EPOCHS = 12
BATCH = 64


def load_data():
    with np.load(HERE / "data" / "train.npz") as train:
        images, labels = train["images"], train["labels"]
    return images.astype("float32") / 255.0, labels.astype("int64")


def solution_model():
    tf.keras.utils.set_random_seed(7)
    images, labels = load_data()
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            layers.Input(shape=(28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(24, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(48, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(96, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(96, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(10, activation="softmax"),
        ]
    )
    steps = EPOCHS * (len(images) // BATCH)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    model.fit(images, labels, batch_size=BATCH, epochs=EPOCHS, callbacks=[log], verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
