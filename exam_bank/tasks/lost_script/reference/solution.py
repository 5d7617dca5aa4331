"""A lost script, solved: four small convolutions, pictures turned and moved, a falling rate."""

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


def batches(images, labels):
    """A sign a little turned or moved is the same sign; one in a mirror may be another."""
    vary = tf.keras.Sequential(
        [
            tf.keras.layers.RandomRotation(0.04, fill_mode="nearest"),
            tf.keras.layers.RandomTranslation(0.08, 0.08, fill_mode="nearest"),
        ]
    )
    pairs = tf.data.Dataset.from_tensor_slices((images[..., None], labels))
    ready = pairs.shuffle(len(images)).batch(BATCH)
    return ready.map(lambda x, y: (vary(x, training=True)[..., 0], y)).prefetch(2)


def convolution(filters):
    return [
        tf.keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
        tf.keras.layers.BatchNormalization(),
        tf.keras.layers.ReLU(),
    ]


def solution_model():
    tf.keras.utils.set_random_seed(7)
    images, labels = load_data()
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(28, 28)),
            tf.keras.layers.Reshape((28, 28, 1)),
            *convolution(16),
            tf.keras.layers.MaxPooling2D(),
            *convolution(32),
            tf.keras.layers.MaxPooling2D(),
            *convolution(64),
            *convolution(64),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dropout(0.4),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    steps = EPOCHS * -(-len(images) // BATCH)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    model.fit(batches(images, labels), epochs=EPOCHS, callbacks=[log], verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
