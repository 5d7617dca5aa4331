"""Category 5: the price of diesel.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 10, 1), notes as they are in the file, and gives
  outputs of shape (None, 10): the prices per US gallon of the next ten weeks.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST, AHEAD = 10, 10


def load_prices():
    """The prices (n,) and what was noted (n,) of each week, oldest first."""
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2), dtype="float32")
    return rows[:, 0], rows[:, 1]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the next ten prices from the last ten notes."""
    prices, noted = load_prices()
    print("prices", prices.shape, "from", prices.min(), "to", prices.max(), "notes", noted[:6])

    # TODO 1: cut noted into windows (n, 10, 1), and prices into the ten after each (n, 10).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: make inputs (n, 10, 1) and targets (n, 10).")

    # TODO 2: build a model with input (10, 1) and output (10,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (10, 1) and output (10,).")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
