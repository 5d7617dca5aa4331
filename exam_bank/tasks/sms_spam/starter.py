"""Category 4: Spam by text message.

Rules
  * Fill in the blanks marked TODO. You may add imports, functions and layers.
  * Leave the code between the lines "locked" as it is.
  * Save one Keras model as mymodel.h5 in this folder; every save is marked by itself,
    as often as you like, and your best score counts.
  * The model takes 120 word ids (padded and cut at the end, 0 is padding, 1 is <OOV>) and
    answers one probability between 0 and 1.
  * No Lambda layers and no layers of your own: the grader only loads Keras' own.
  * You may train anywhere and copy mymodel.h5 here.
"""

import csv
from pathlib import Path

import tensorflow as tf

# ---- locked -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
LENGTH = 120
VOCABULARY = (HERE / "data" / "vocabulary.txt").read_bytes().decode().split("\n")[:-1]


def load_data():
    """The messages as texts, and as many labels, each "ham" or "spam"."""
    with (HERE / "data" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["label"] for row in rows]


# Hand this to model.fit(callbacks=[...]): the exam screen then draws your training curve.
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- locked -----------------------------------------------------------------------------


def solution_model():
    texts, labels = load_data()
    print("messages:", len(texts), "of them spam:", labels.count("spam"))
    print("words:", len(VOCABULARY), "such as", VOCABULARY[2:8])
    print("first message:", labels[0], "-", texts[0])

    # TODO 1: turn the texts into ids (n, LENGTH) as the brief says, and the labels into numbers,
    # 1 for spam; keep some messages back for validation.
    raise NotImplementedError("TODO 1: turn texts and labels into numbers.")

    # TODO 2: build a model from (120,) ids to one sigmoid probability.
    model = None

    # TODO 3: compile it with a loss for two classes, and train it.

    model.summary()
    return model


# ---- locked -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
