"""Help desk, solved: convolutions over seven words, dropout, and a rate that falls."""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
WORDS = 1_000
EPOCHS = 8
BATCH = 64
FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def load_data():
    """Word ids, made as the brief says, and labels."""
    lines = (HERE / "data" / "vocabulary.txt").read_bytes().decode().split("\n")[:-1]
    number = {word: line for line, word in enumerate(lines)}
    spaces = str.maketrans(FILTERS, " " * len(FILTERS))
    rows = json.loads((HERE / "data" / "train.json").read_text(encoding="utf-8"))
    ids = np.zeros((len(rows), 120), "int32")
    for row, each in enumerate(rows):
        words = [word for word in each["text"].lower().translate(spaces).split(" ") if word][:120]
        ids[row, : len(words)] = [number.get(word, 1) for word in words]
    return ids, np.array([each["label"] for each in rows])


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
