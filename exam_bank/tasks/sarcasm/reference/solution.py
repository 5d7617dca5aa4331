"""Headlines, solved: words on average and phrases at their loudest, with much dropout."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
WORDS = 1_000
EPOCHS = 5
BATCH = 64


def load_data():
    with np.load(HERE / "data" / "train.npz") as train:
        return train["ids"], train["labels"]


def solution_model():
    tf.keras.utils.set_random_seed(7)
    ids, labels = load_data()
    layers = tf.keras.layers
    asked = layers.Input(shape=(120,))
    words = layers.SpatialDropout1D(0.3)(layers.Embedding(WORDS, 32)(asked))
    # What the text is full of, and what phrases of two, three and five words say once.
    phrases = [
        layers.Conv1D(64, length, padding="same", activation="relu")(words) for length in (2, 3, 5)
    ]
    seen = layers.Concatenate()(
        [layers.GlobalAveragePooling1D()(words), *map(layers.GlobalMaxPooling1D(), phrases)]
    )
    answer = layers.Dense(1, activation="sigmoid")(layers.Dropout(0.5)(seen))
    model = tf.keras.Model(asked, answer)
    steps = EPOCHS * -(-len(ids) // BATCH)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
    model.fit(ids, labels, batch_size=BATCH, epochs=EPOCHS, callbacks=[log], verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
