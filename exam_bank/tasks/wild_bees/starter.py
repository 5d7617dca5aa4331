"""Category 2: Wild bees.

Rules
  * Fill in the blanks marked TODO. You may add imports, functions and layers.
  * Leave the code between the lines "locked" as it is.
  * Save one Keras model as mymodel.h5 in this folder; every save is marked by itself,
    as often as you like, and your best score counts.
  * The model takes the eight measures of a bee, unscaled, as shape (8,), and answers 6
    probabilities, in the alphabetical order of the species.
  * No Lambda layers and no layers of your own: the grader only loads Keras' own.
  * You may train anywhere and copy mymodel.h5 here.
"""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

# ---- locked -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
SPECIES = ["forest", "garden", "heath", "meadow", "moss", "stone"]


def load_data():
    """Measures (3000, 8) float32 in their own units, and 3000 names out of SPECIES."""
    with (HERE / "data" / "bees.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([row[:-1] for row in rows], dtype="float32"), [row[-1] for row in rows]


# Hand this to model.fit(callbacks=[...]): the exam screen then draws your training curve.
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- locked -----------------------------------------------------------------------------


def solution_model():
    measures, names = load_data()
    print("measures:", measures.shape, "means", measures.mean(axis=0).round(1))
    print("names:", names[:5], "...")

    # TODO 1: turn the names into class numbers: places in SPECIES.
    raise NotImplementedError("TODO 1: turn the names into class numbers.")

    # TODO 2: build a model from (8,) to 6 softmax probabilities. The columns differ a
    # thousandfold in size: where do you scale them, so that the grader need not?
    model = None

    # TODO 3: compile it with a loss that fits integer labels, and train it.

    model.summary()
    return model


# ---- locked -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
