"""The course's net for colour pictures: 16, 32 and 64 filters, then 512 dense units."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent


def load_data():
    train, valid = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train",
        image_size=(100, 100),
        batch_size=32,
        validation_split=0.2,
        subset="both",
        seed=7,
    )
    return [part.map(lambda x, y: (x / 255.0, y)).cache().prefetch(2) for part in (train, valid)]


def solution_model():
    tf.keras.utils.set_random_seed(7)
    train, valid = load_data()
    model = tf.keras.Sequential(
        [
            tf.keras.Input((100, 100, 3)),
            tf.keras.layers.Conv2D(16, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(32, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(64, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(512, activation="relu"),
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=15, validation_data=valid, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
