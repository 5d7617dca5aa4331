"""Category 1: houses of California.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 8), the columns of the file as they are, and
  gives outputs of shape (None, 1) in dollars. Scaling is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_districts():
    """The districts (n, 8) as they are in the file, and their house values (n, 1) in dollars."""
    with np.load(HERE / "data" / "train.npz") as train:
        return train["x"], train["y"][:, None]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells a district's median house value."""
    districts, values = load_districts()
    print("districts", districts.shape, "values", values.shape, "mean", values.mean().round())
    for column in districts.T:
        print("  from", column.min(), "to", column.max(), "mean", column.mean().round(2))

    # TODO 1: keep some districts apart to see how the model does where it has not been.

    # TODO 2: build a model with input (8,), raw columns, and output (1,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (8,) and output (1,).")

    # TODO 3: compile it and train it on districts and values, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
