"""Sick leaves, solved: pictures halved inside the model, leaves turned and mirrored in training."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
LABELS = ["blight_a", "blight_b", "blight_c", "healthy"]
EPOCHS = 20
BATCH = 32


def load_data():
    """All pictures, (n, 96, 96, 3) uint8, and their class numbers."""
    rows = np.genfromtxt(HERE / "data" / "leaves.csv", delimiter=",", skip_header=1, dtype=str)
    files = [(HERE / "data" / "leaves" / name).read_bytes() for name in rows[:, 0]]
    images = np.stack([tf.io.decode_jpeg(file).numpy() for file in files])
    return images, np.array([LABELS.index(name) for name in rows[:, 1]])


def batches(images, labels):
    """A leaf has no upright: mirrored and turned by quarters it shows the same blight."""
    small = tf.nn.avg_pool2d(images.astype("float32") / 255.0, 2, 2, "VALID")
    mirror = tf.keras.layers.RandomFlip("horizontal_and_vertical")

    def vary(image, label):
        quarters = tf.random.uniform((), 0, 4, tf.int32)
        return tf.image.rot90(mirror(image, training=True), quarters), label

    pairs = tf.data.Dataset.from_tensor_slices((small, labels)).shuffle(len(labels))
    return pairs.batch(BATCH).map(vary).prefetch(2)


def convolution(filters):
    return [
        tf.keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
        tf.keras.layers.BatchNormalization(),
        tf.keras.layers.ReLU(),
    ]


def classifier():
    """From (48, 48, 3) to the classes; the form of marks matters, not where they lie."""
    return tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(48, 48, 3)),
            *convolution(16),
            tf.keras.layers.MaxPooling2D(),
            *convolution(32),
            tf.keras.layers.MaxPooling2D(),
            *convolution(64),
            *convolution(64),
            tf.keras.layers.GlobalAveragePooling2D(),
            tf.keras.layers.Dropout(0.3),
            tf.keras.layers.Dense(4, activation="softmax"),
        ]
    )


def solution_model():
    tf.keras.utils.set_random_seed(7)
    images, labels = load_data()
    inner = classifier()
    steps = EPOCHS * -(-len(images) // BATCH)
    inner.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    inner.fit(batches(images, labels), epochs=EPOCHS, callbacks=[log], verbose=2)
    whole = [
        tf.keras.layers.Input(shape=(96, 96, 3)),
        tf.keras.layers.AveragePooling2D(2),
        *inner.layers,
    ]
    return tf.keras.Sequential(whole)


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
