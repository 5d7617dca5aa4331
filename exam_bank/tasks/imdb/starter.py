"""Category 4: Film reviews.

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

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

# ---- locked -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
LENGTH = 120
VOCABULARY = (HERE / "data" / "vocabulary.txt").read_bytes().decode().split("\n")[:-1]


def load_data():
    """Ids (n, 120) int32: places in VOCABULARY; labels (n,): 1 friendly, 0 not."""
    with np.load(HERE / "data" / "train.npz") as train:
        return train["ids"], train["labels"]


def load_texts():
    """The same reviews as text, to read."""
    with (HERE / "data" / "train.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


# Hand this to model.fit(callbacks=[...]): the exam screen then draws your training curve.
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- locked -----------------------------------------------------------------------------


def solution_model():
    ids, labels = load_data()
    print("ids:", ids.shape, ids.dtype, "from", ids.min(), "to", ids.max())
    print("labels:", labels.shape, labels.dtype, "friendly:", labels.mean().round(3))
    print("words:", len(VOCABULARY), "such as", VOCABULARY[2:8])
    print("first review:", labels[0], load_texts()[0])

    # TODO 1: keep some reviews back for validation.
    raise NotImplementedError("TODO 1: set a validation part aside.")

    # TODO 2: build a model from (120,) ids to one sigmoid probability.
    model = None

    # TODO 3: compile it with a loss for two classes, and train it.

    model.summary()
    return model


# ---- locked -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
