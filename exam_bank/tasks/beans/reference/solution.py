"""A pretrained MobileNetV2 looks at every picture once; only a small layer on top is trained.

Keras downloads the network's ImageNet weights (9 MB) when this first runs.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
EPOCHS = 40


def batches():
    pictures = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train", image_size=(300, 300), batch_size=32, shuffle=False
    )
    return pictures.map(lambda x, y: (x / 255.0, y)).prefetch(2)


def looker():
    """From (300, 300, 3) pictures, 0 to 1, to 1,280 features."""
    pretrained = tf.keras.applications.MobileNetV2((224, 224, 3), include_top=False)
    pretrained.trainable = False
    layers = tf.keras.layers
    return tf.keras.Sequential(
        [
            layers.Input(shape=(300, 300, 3)),
            layers.Resizing(224, 224),
            layers.Rescaling(2.0, offset=-1.0),
            pretrained,
            layers.GlobalAveragePooling2D(),
        ]
    )


def solution_model():
    tf.keras.utils.set_random_seed(7)
    sees = looker()
    # Every picture goes through the large network once, not once an epoch.
    seen = [(sees(images, training=False), labels) for images, labels in batches()]
    features, labels = (tf.concat(each, axis=0) for each in zip(*seen, strict=True))
    decides = tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(1280,)),
            tf.keras.layers.Dropout(0.4),
            tf.keras.layers.Dense(3, activation="softmax"),
        ]
    )
    decides.compile(
        tf.keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    decides.fit(features, labels, epochs=EPOCHS, batch_size=64, callbacks=[log], verbose=2)
    return tf.keras.Sequential([*sees.layers, *decides.layers])


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
