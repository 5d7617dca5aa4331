"""A single convolution before dense layers: it sees edges, but no fingers."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
SIGNS = (HERE / "data" / "signs.txt").read_text(encoding="utf-8").split()


def solution_model():
    tf.keras.utils.set_random_seed(7)
    train = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train",
        class_names=SIGNS,
        image_size=(150, 150),
        batch_size=32,
        seed=7,
    )
    train = train.map(lambda x, y: (x / 255.0, y)).cache().prefetch(2)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(150, 150, 3)),
            tf.keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
            tf.keras.layers.MaxPooling2D(4),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(32, activation="relu"),
            tf.keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=6, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
