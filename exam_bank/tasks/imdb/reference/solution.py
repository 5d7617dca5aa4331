"""Film reviews, solved: a weight for every word, short phrases at their loudest, three networks.

Half of the word weights are hidden in each step, so that the strongest words do not carry all.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
LENGTH = 120
WORDS = 10_000
NETWORKS = 3
EPOCHS = 3
BATCH = 64


def load_data():
    with np.load(HERE / "data" / "train.npz") as train:
        return train["ids"], train["labels"]


def sum_of_word_weights(asked):
    """The bag of words: one number a word, added up."""
    layers = tf.keras.layers
    weights = layers.Embedding(WORDS, 1)(asked)
    kept = layers.Dropout(0.3, noise_shape=(None, LENGTH, 1))(weights)
    return layers.GlobalAveragePooling1D()(layers.Rescaling(float(LENGTH))(kept))


def loudest_phrases(asked):
    """What phrases of two and three words say at most, and all words on average."""
    layers = tf.keras.layers
    words = layers.SpatialDropout1D(0.4)(layers.Embedding(WORDS, 32)(asked))
    phrases = [
        layers.Conv1D(64, length, padding="same", activation="relu")(words) for length in (2, 3)
    ]
    heard = [layers.GlobalMaxPooling1D()(each) for each in phrases]
    seen = layers.Concatenate()([*heard, layers.GlobalAveragePooling1D()(words)])
    return layers.Dense(1)(layers.Dropout(0.5)(seen))


def trained(ids, labels, log):
    asked = tf.keras.layers.Input(shape=(LENGTH,))
    both = tf.keras.layers.Add()([sum_of_word_weights(asked), loudest_phrases(asked)])
    model = tf.keras.Model(asked, tf.keras.layers.Activation("sigmoid")(both))
    steps = EPOCHS * -(-len(ids) // BATCH)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(ids, labels, batch_size=BATCH, epochs=EPOCHS, callbacks=[log], verbose=2)
    return model


def solution_model():
    tf.keras.utils.set_random_seed(7)
    ids, labels = load_data()
    log = tf.keras.callbacks.CSVLogger(HERE / "training.csv", append=True)
    asked = tf.keras.layers.Input(shape=(LENGTH,))
    answers = [trained(ids, labels, log)(asked) for _ in range(NETWORKS)]
    return tf.keras.Model(asked, tf.keras.layers.Average()(answers))


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
