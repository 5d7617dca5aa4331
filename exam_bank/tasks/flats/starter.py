"""Category 1: what a flat is asked for.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 8), the columns of the file as they are, and
  gives outputs of shape (None, 1). Scaling, if you want any, is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_flats():
    """The flats (4000, 8) in the units of the file and their prices (4000, 1) in thousands."""
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :8], table[:, 8:]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells what a flat is asked for, in thousands."""
    flats, prices = load_flats()
    print("flats", flats.shape, "column means", flats.mean(axis=0).round(1))
    print("prices", prices.shape, "mean", prices.mean().round(1))

    # TODO 1: keep some flats apart to see how the model does on flats it has not met.

    # TODO 2: build a model with input (8,), raw columns, and output (1,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (8,) and output (1,).")

    # TODO 3: compile it and train it on flats and prices, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
