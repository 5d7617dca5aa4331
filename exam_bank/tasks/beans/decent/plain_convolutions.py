"""Three convolutions on smaller pictures, without augmentation: right, and soon over-fitted."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model():
    tf.keras.utils.set_random_seed(7)
    train = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train", image_size=(300, 300), batch_size=32, seed=7
    )
    train = train.map(lambda x, y: (x / 255.0, y)).prefetch(2)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            layers.Input(shape=(300, 300, 3)),
            layers.AveragePooling2D(4),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(64, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=8, verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
