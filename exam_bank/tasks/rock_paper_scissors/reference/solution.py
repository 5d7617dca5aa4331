"""Small pictures, plain convolutions, and every epoch sees them turned and moved another way."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
EPOCHS = 15
BATCH = 32


def load_data():
    """Pictures made 4 times smaller, (n, 37, 37, 3) from 0 to 1, and their class numbers."""
    pictures = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train", image_size=(150, 150), batch_size=64, shuffle=False
    )
    small = pictures.map(lambda x, y: (tf.nn.avg_pool2d(x / 255.0, 4, 4, "VALID"), y))
    images, labels = zip(*small, strict=True)
    return tf.concat(images, axis=0), tf.concat(labels, axis=0)


def batches(images, labels):
    vary = tf.keras.Sequential(
        [
            tf.keras.layers.RandomFlip("horizontal"),
            tf.keras.layers.RandomRotation(0.08, fill_mode="nearest"),
            tf.keras.layers.RandomZoom((-0.1, 0.3), fill_mode="nearest"),
            tf.keras.layers.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
        ]
    )
    ready = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images)).batch(BATCH)
    return ready.map(lambda x, y: (vary(x, training=True), y)).prefetch(2)


def convolution(filters):
    return [
        tf.keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
        tf.keras.layers.MaxPooling2D(),
    ]


def classifier():
    """From (37, 37, 3) to the classes."""
    return tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(37, 37, 3)),
            *convolution(16),
            *convolution(32),
            *convolution(64),
            # Where a finger lies counts: an average over all places would forget it.
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dropout(0.5),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(3, activation="softmax"),
        ]
    )


def solution_model():
    tf.keras.utils.set_random_seed(7)
    images, labels = load_data()
    inner = classifier()
    steps = EPOCHS * -(-len(images) // BATCH)
    inner.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(1e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    inner.fit(batches(images, labels), epochs=EPOCHS, callbacks=[log], verbose=2)
    whole = [
        tf.keras.layers.Input(shape=(150, 150, 3)),
        tf.keras.layers.AveragePooling2D(4),
        *inner.layers,
    ]
    return tf.keras.Sequential(whole)


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
