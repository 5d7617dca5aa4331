"""Category 5: cold nights.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 120, 1), degrees as they are in the file, and
  gives outputs of shape (None, 60) in degrees. Scaling is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
LOGGER = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST, AHEAD = 120, 60


def load_nights():
    """The lowest temperature of each day in degrees Celsius (n,), oldest first."""
    path = HERE / "data" / "train.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=1, dtype="float32")


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the next 60 nights from the last 120."""
    nights = load_nights()
    print("nights", nights.shape, "mean", nights.mean().round(2), "spread", nights.std().round(2))

    # TODO 1: cut the nights into windows (n, 120, 1) and the 60 nights after each (n, 60).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: cut nights into inputs (n, 120, 1), targets (n, 60).")

    # TODO 2: build a model with input (120, 1) and output (60,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (120, 1) and output (60,).")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[LOGGER].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
