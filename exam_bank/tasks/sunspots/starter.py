"""Category 5: sunspots.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes windows of shape (None, 60, 1), scaled as load_series() does, and gives
  outputs of the same shape: at each place the value 60 months after it.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
LOGGER = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST = AHEAD = 60


def load_series():
    """The scaled counts (n, 1), 0 to 1, oldest first."""
    series = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=1)
    series = series - series.min()
    return (series / series.max()).astype("float32")[:, None]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the next 60 months from the last 60."""
    series = load_series()
    print("series", series.shape, "mean", series.mean().round(3))

    # TODO 1: cut the series into windows (n, 60, 1) and the 60 months after each (n, 60, 1).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: cut the series into inputs and targets (n, 60, 1).")

    # TODO 2: build a model with input (60, 1) or (None, 1) and an output of the same shape.
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with an output like its input.")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[LOGGER].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
