"""Category 5: household power.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 24, 7), scaled as load_rows() does, and gives
  outputs of shape (None, 24, 7): the 24 minutes that follow, in the same scale.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST = AHEAD = 24


def load_rows():
    """The scaled minutes (n, 7), each column 0 to 1, oldest first."""
    rows = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=range(1, 8))
    rows = rows - rows.min(axis=0)
    return (rows / np.where(rows.max(axis=0) > 0, rows.max(axis=0), 1)).astype("float32")


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the next 24 minutes from the last 24."""
    rows = load_rows()
    print("rows", rows.shape, "column means", rows.mean(axis=0).round(3))

    # TODO 1: cut the rows into windows (n, 24, 7) and the 24 rows after each (n, 24, 7).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: cut the rows into inputs and targets (n, 24, 7).")

    # TODO 2: build a model with input (24, 7) and output (24, 7).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (24, 7) and output (24, 7).")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
