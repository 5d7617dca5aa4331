"""Category 1: the clock that drifts.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 1) and gives outputs of shape (None, 1).
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_readings():
    """The days (12, 1) and the seconds the clock was off (12, 1)."""
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :1], table[:, 1:]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells how far the clock is off on any day."""
    days, offsets = load_readings()
    print("days", days.shape, "from", days.min(), "to", days.max())
    print("offsets", offsets.shape, "from", offsets.min(), "to", offsets.max())

    # TODO 1: build a model with input (1,) and output (1,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 1: build a model with input (1,) and output (1,).")

    # TODO 2: compile it and train it on days and offsets, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 2: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
