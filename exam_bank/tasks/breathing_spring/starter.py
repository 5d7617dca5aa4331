"""Category 5: the flow of a spring over the next two days.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 96, 1), the flow as it is in the file, and gives
  outputs of shape (None, 48) in litres a second. Scaling is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST, AHEAD = 96, 48


def load_flow():
    """The hourly flow (17520,) in litres a second."""
    path = HERE / "data" / "train.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=1, dtype="float32")


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells the next 48 flows from the last 96."""
    flow = load_flow()
    print("flow", flow.shape, "mean", flow.mean().round(2), "median", np.median(flow).round(2))

    # TODO 1: cut flow into windows (n, 96, 1) and the 48 flows after each (n, 48).
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1: cut flow into inputs (n, 96, 1) and targets (n, 48).")

    # TODO 2: build a model with input (96, 1) and output (48,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (96, 1) and output (48,).")

    # TODO 3: compile it and train it on inputs and targets, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
