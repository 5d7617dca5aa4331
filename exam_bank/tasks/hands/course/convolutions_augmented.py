"""The course's net with augmentation and dropout: flips, turns, shifts and zooms."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
SIGNS = (HERE / "data" / "signs.txt").read_text(encoding="utf-8").split()


def load_data():
    train, valid = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train",
        class_names=SIGNS,
        image_size=(150, 150),
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
            tf.keras.Input((150, 150, 3)),
            tf.keras.layers.RandomFlip("horizontal"),
            tf.keras.layers.RandomRotation(0.1),
            tf.keras.layers.RandomTranslation(0.1, 0.1),
            tf.keras.layers.RandomZoom(0.1),
            tf.keras.layers.Conv2D(16, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(32, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(64, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(64, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Conv2D(64, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dropout(0.5),
            tf.keras.layers.Dense(512, activation="relu"),
            tf.keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=20, validation_data=valid, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
