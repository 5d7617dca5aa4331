"""The course's net on halved pictures: three convolutions and a dense layer."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    tf.keras.utils.set_random_seed(7)
    train = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train", image_size=(100, 100), batch_size=32, seed=7
    )
    train = train.map(lambda x, y: (x / 255.0, y)).cache().prefetch(2)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(100, 100, 3)),
            tf.keras.layers.AveragePooling2D(2),
            tf.keras.layers.Conv2D(16, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(32, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(64, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dropout(0.3),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=12, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
