"""Appointments, solved: convolutions read phrases, a GRU in both directions keeps the state."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
WORDS = 1_000
EPOCHS = 7
BATCH = 128


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
            layers.Embedding(WORDS, 24),
            layers.Conv1D(48, 5, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.SpatialDropout1D(0.05),
            # A third of the steps: three times faster, and three times less to remember.
            layers.MaxPooling1D(3),
            layers.Bidirectional(layers.GRU(32, return_sequences=True)),
            # Where the thread ends, wherever that is, says it loudest.
            layers.GlobalMaxPooling1D(),
            layers.Dense(6, activation="softmax"),
        ]
    )
    steps = EPOCHS * -(-len(ids) // BATCH)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(5e-3, steps)),
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
