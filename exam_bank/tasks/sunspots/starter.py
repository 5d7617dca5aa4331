"""Category 5: sunspots.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes windows of shape (None, 60, 1), counts as they are in the file, and gives
  outputs of shape (None, 5): how far the sun is above quiet in each of the next five years.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST, YEARS, MONTHS = 60, 5, 12


def load_months():
    """What is above quiet (n,), and the counts (n,), of each month, oldest first."""
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2), dtype="float32")
    return rows[:, 0], rows[:, 1]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the next five years from the last 60 months."""
    above, sunspots = load_months()
    print("months", sunspots.shape, "mean", sunspots.mean().round(3), above.mean().round(3))

    # TODO 1: cut sunspots into windows (n, 60, 1), and above into the five yearly means after
    # each (n, 5).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: make inputs (n, 60, 1) and targets (n, 5).")

    # TODO 2: build a model with input (60, 1) and output (5,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (60, 1) and output (5,).")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
