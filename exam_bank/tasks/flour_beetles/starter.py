"""Category 5: the next census of a jar of beetles.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 24, 1), counts as they are in the file, and gives
  outputs of shape (None, 1), in beetles. Scaling is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST = 24


def load_jars():
    """The counts (200, 81): 81 censuses of each of 200 jars."""
    path = HERE / "data" / "train.csv"
    counts = np.loadtxt(path, delimiter=",", skiprows=1, usecols=2, dtype="float32")
    return counts.reshape(200, 81)


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the next count from the last 24."""
    counts = load_jars()
    print("counts", counts.shape, "mean", counts.mean().round(1), "max", counts.max())

    # TODO 1: cut each jar into windows (n, 24, 1) and the count after each (n, 1).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: cut the jars into inputs (n, 24, 1), targets (n, 1).")

    # TODO 2: build a model with input (24, 1) and output (1,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (24, 1) and output (1,).")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
