"""Category 1: what a wind turbine could give.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 7), the columns of the file as they are, and
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


def load_readings(name="train.csv"):
    """The readings (n, 7) in the units of the file and the power (n, 1) in kilowatts."""
    table = np.loadtxt(HERE / "data" / name, delimiter=",", skiprows=1, dtype="float32")
    return table[:, :7], table[:, 7:]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells what the turbine could give, in kilowatts."""
    readings, power = load_readings()
    print("readings", readings.shape, "column means", readings.mean(axis=0).round(1))
    print("power", power.shape, "mean", power.mean().round(1), "median", np.median(power).round(1))

    # TODO 1: load "valid.csv", too, to see what the model is worth where nobody interfered.

    # TODO 2: build a model with input (7,), raw columns, and output (1,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (7,) and output (1,).")

    # TODO 3: compile it, with a loss that fits a log with throttled readings, and train it on
    # readings and power, with callbacks=[training_log]. Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
