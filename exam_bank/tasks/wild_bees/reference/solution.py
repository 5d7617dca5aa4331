"""Wild bees, solved: scaled columns, two wide layers with dropout, a falling learning rate."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
EPOCHS = 40
BATCH = 32
SPECIES = ["forest", "garden", "heath", "meadow", "moss", "stone"]


def load_data():
    rows = np.genfromtxt(HERE / "data" / "bees.csv", delimiter=",", skip_header=1, dtype=str)
    labels = np.array([SPECIES.index(name) for name in rows[:, -1]])
    return rows[:, :-1].astype("float32"), labels


def solution_model():
    tf.keras.utils.set_random_seed(7)
    measures, species = load_data()
    scale = tf.keras.layers.Normalization()
    scale.adapt(measures)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Input(shape=(8,)),
            scale,
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dropout(0.3),
            tf.keras.layers.Dense(6, activation="softmax"),
        ]
    )
    steps = EPOCHS * -(-len(measures) // BATCH)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    model.fit(measures, species, epochs=EPOCHS, batch_size=BATCH, callbacks=[log], verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
