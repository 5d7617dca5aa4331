"""Category 5: tomorrow's load of a town.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 48, 5), rows of the file as they are without the
  time, and gives outputs of shape (None, 24) in megawatts. Scaling is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST, AHEAD = 48, 24


def load_rows():
    """The hourly rows (17520, 5): load_mw, temp_c, sun, workday, workday_next."""
    path = HERE / "data" / "train.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(1, 6), dtype="float32")


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the next 24 loads from the last 48 rows."""
    rows = load_rows()
    print("rows", rows.shape, "column means", rows.mean(axis=0).round(2))

    # TODO 1: cut rows into windows (n, 48, 5) and the 24 loads after each (n, 24).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: cut rows into inputs (n, 48, 5) and targets (n, 24).")

    # TODO 2: build a model with input (48, 5) and output (24,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (48, 5) and output (24,).")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
