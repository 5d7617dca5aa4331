"""Tiny pictures in ever other light, more care for horses, and the mean of three networks.

The hidden pictures stand on white; in the training pictures bright grounds go with humans.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
NETWORKS = 3
EPOCHS = 12
BATCH = 32
HORSES_COUNT = 20.0


def load_data():
    """Pictures made 8 times smaller, (n, 37, 37, 3) from 0 to 1, and their class numbers."""
    pictures = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train", image_size=(300, 300), batch_size=64, shuffle=False
    )
    small = pictures.map(lambda x, y: (tf.nn.avg_pool2d(x / 255.0, 8, 8, "VALID"), y))
    images, labels = zip(*small, strict=True)
    return tf.concat(images, axis=0), tf.concat(labels, axis=0)


def relit(images):
    """Each picture in other light: stronger or paler colours, a tint, brighter or darker."""

    def drawn(low, high, channels=1):
        return tf.random.uniform((tf.shape(images)[0], 1, 1, channels), low, high)

    grey = tf.reduce_mean(images, axis=-1, keepdims=True)
    images = grey + (images - grey) * drawn(0.0, 1.5)
    images = images * drawn(0.6, 1.5) * drawn(0.8, 1.2, channels=3) + drawn(-0.2, 0.3)
    return tf.clip_by_value(images, 0.0, 1.0)


def batches(images, labels):
    move = tf.keras.Sequential(
        [
            tf.keras.layers.RandomFlip("horizontal"),
            tf.keras.layers.RandomTranslation(0.04, 0.04, fill_mode="nearest"),
        ]
    )
    ready = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images)).batch(BATCH)
    return ready.map(lambda x, y: (relit(move(x, training=True)), y)).prefetch(2)


def convolution(filters):
    return [
        tf.keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
        tf.keras.layers.MaxPooling2D(),
    ]


def classifier():
    """From (37, 37, 3) to the probability of humans."""
    return tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(37, 37, 3)),
            *convolution(16),
            *convolution(32),
            *convolution(64),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dropout(0.4),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def trained(images, labels, log):
    """One network, never quite sure of itself: it answers 0.05 to 0.95."""
    model = classifier()
    steps = EPOCHS * -(-len(images) // BATCH)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(1e-3, steps)),
        loss=tf.keras.losses.BinaryCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )
    model.fit(
        batches(images, labels),
        epochs=EPOCHS,
        class_weight={0: HORSES_COUNT, 1: 1.0},
        callbacks=[log],
        verbose=2,
    )
    return model


def solution_model():
    tf.keras.utils.set_random_seed(7)
    images, labels = load_data()
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv", append=True)
    asked = tf.keras.layers.Input(shape=(300, 300, 3))
    small = tf.keras.layers.AveragePooling2D(8)(asked)
    answers = [trained(images, labels, log)(small) for _ in range(NETWORKS)]
    return tf.keras.Model(asked, tf.keras.layers.Average()(answers))


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
