"""Help desk, solved: convolutions over seven words, dropout, and a rate that falls."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
WORDS = 1_000
EPOCHS = 8
BATCH = 64


def load_data():
    with np.load(HERE / "data" / "train.npz") as train:
        return train["ids"], train["labels"]


def solution_model():
    tf.keras.utils.set_random_seed(7)
    ids, labels = load_data()
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            layers.Input(shape=(120,)),
            layers.Embedding(WORDS, 32),
            layers.SpatialDropout1D(0.1),
            # Seven words hold "the … is done but the … is not" nearly whole.
            layers.Conv1D(96, 7, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dropout(0.2),
            layers.Dense(6, activation="softmax"),
        ]
    )
    steps = EPOCHS * -(-len(ids) // BATCH)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        # Labels are wrong in 2 of 100: to be quite sure of any would be an error.
        loss=tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.02),
        metrics=["accuracy"],
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    wanted = np.eye(6, dtype="float32")[labels]
    model.fit(ids, wanted, batch_size=BATCH, epochs=EPOCHS, callbacks=[log], verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
