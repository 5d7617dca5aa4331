"""Five normalised convolutions on pictures a third as wide, ever turned, mirrored and relit.

A leaf has no upper end: all eight ways of laying it down are the same leaf.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
EPOCHS = 32
BATCH = 32


def load_data():
    """Pictures made 3 times smaller, (n, 100, 100, 3) from 0 to 1, and one-hot classes (n, 3)."""
    pictures = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train", image_size=(300, 300), batch_size=64, shuffle=False
    )
    small = pictures.map(lambda x, y: (tf.nn.avg_pool2d(x / 255.0, 3, 3, "VALID"), y))
    images, labels = zip(*small, strict=True)
    return tf.concat(images, axis=0), tf.one_hot(tf.concat(labels, axis=0), 3)


def laid_down(image, label):
    image = tf.image.random_flip_left_right(tf.image.random_flip_up_down(image))
    turned = tf.random.uniform(()) < 0.5
    return tf.cond(turned, lambda: tf.transpose(image, (1, 0, 2)), lambda: image), label


def relit(images):
    """Each picture in other light: more or less contrast, brighter or darker, with a tint."""

    def drawn(low, high, channels=1):
        return tf.random.uniform((tf.shape(images)[0], 1, 1, channels), low, high)

    images = 0.5 + (images - 0.5) * drawn(0.8, 1.25)
    return tf.clip_by_value(images + drawn(-0.1, 0.1) + drawn(-0.03, 0.03, channels=3), 0.0, 1.0)


def batches(images, labels):
    move = tf.keras.Sequential(
        [
            tf.keras.layers.RandomRotation(0.1, fill_mode="reflect"),
            tf.keras.layers.RandomZoom((-0.2, 0.05), fill_mode="reflect"),
        ]
    )
    ready = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images))
    ready = ready.map(laid_down).batch(BATCH)
    return ready.map(lambda x, y: (relit(move(x, training=True)), y)).prefetch(2)


def convolution(filters):
    return [
        tf.keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
        tf.keras.layers.BatchNormalization(),
        tf.keras.layers.ReLU(),
        tf.keras.layers.MaxPooling2D(),
    ]


def classifier():
    """From (100, 100, 3) to the probability of each class."""
    filters = (32, 64, 96, 128, 160)
    return tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(100, 100, 3)),
            *(layer for each in filters for layer in convolution(each)),
            tf.keras.layers.GlobalAveragePooling2D(),
            tf.keras.layers.Dropout(0.4),
            tf.keras.layers.Dense(3, activation="softmax"),
        ]
    )


def solution_model():
    tf.keras.utils.set_random_seed(7)
    images, labels = load_data()
    inner = classifier()
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * -(-len(images) // BATCH))
    inner.compile(
        optimizer=tf.keras.optimizers.AdamW(rate, weight_decay=1e-4),
        loss=tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
        metrics=["accuracy"],
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    inner.fit(batches(images, labels), epochs=EPOCHS, callbacks=[log], verbose=2)
    whole = [
        tf.keras.layers.Input(shape=(300, 300, 3)),
        tf.keras.layers.AveragePooling2D(3),
        *inner.layers,
    ]
    return tf.keras.Sequential(whole)


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
