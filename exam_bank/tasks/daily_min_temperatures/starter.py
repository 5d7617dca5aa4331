"""Category 5: cold nights.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 60, 1), degrees as they are in the file, and gives
  outputs of shape (None, 16), the heating of 16 weeks in degrees. Scaling is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST, WEEKS, NIGHTS = 60, 16, 7


def load_nights():
    """The heating (n,) and the temperature (n,) of each night, oldest first."""
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2), dtype="float32")
    return rows[:, 0], rows[:, 1]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the heating of the next 16 weeks from the last 60 nights."""
    heating, nights = load_nights()
    print(
        "nights", nights.shape, "mean", nights.mean().round(2), "heating", heating.mean().round(2)
    )

    # TODO 1: cut nights into windows (n, 60, 1), and heating into the 16 weekly means after
    # each (n, 16).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: make inputs (n, 60, 1) and targets (n, 16).")

    # TODO 2: build a model with input (60, 1) and output (16,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (60, 1) and output (16,).")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
