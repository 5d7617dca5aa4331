"""Category 5: the sales of a shop over the next fortnight.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 28, 5), rows of one branch as they are without
  branch and date, and gives outputs of shape (None, 14) in packets. Scaling is part of it.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
BRANCHES, PAST, AHEAD = 12, 28, 14


def load_branches():
    """The daily rows (12, 730, 5): sales, weekday, promo_pct, promo_in_14_pct, open_in_14."""
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(2, 7), dtype="float32")
    return rows.reshape(BRANCHES, -1, 5)


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the next 14 days' sales from the last 28 rows of a branch."""
    branches = load_branches()
    print("branches", branches.shape, "mean sales", branches[:, :, 0].mean(axis=1).round())

    # TODO 1: cut each branch into windows (n, 28, 5) and the 14 sales after each (n, 14).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: cut branches into inputs (n, 28, 5), targets (n, 14).")

    # TODO 2: build a model with input (28, 5) and output (14,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (28, 5) and output (14,).")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
