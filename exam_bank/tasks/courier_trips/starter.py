"""Category 1: how long a courier's trip takes.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 7), the columns of the file as they are, codes as
  numbers, and gives outputs of shape (None, 1). Encoding and scaling are part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_trips():
    """The trips (8000, 7), codes as numbers, and the minutes they took (8000, 1)."""
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :7], table[:, 7:]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells how many minutes a trip takes."""
    trips, minutes = load_trips()
    print("trips", trips.shape, "column means", trips.mean(axis=0).round(1))
    print("minutes", minutes.shape, "mean", minutes.mean().round(1))

    # TODO 1: keep some trips apart to see how the model does on trips it has not met.

    # TODO 2: build a model with input (7,), raw columns, and output (1,). Which columns are
    # amounts, and which are codes?
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (7,) and output (1,).")

    # TODO 3: compile it and train it on trips and minutes, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
