"""Category 1: miles per gallon.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 9), six columns of the file as they are and three
  for the origin, and gives outputs of shape (None, 1). Scaling is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
MEASURES = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]
ORIGINS = ["usa", "europe", "japan"]


def load_rows():
    """The rows of the file, each a dict of texts by column name."""
    with (HERE / "data" / "train.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that tells how far a car's miles per gallon are above 24."""
    rows = load_rows()
    print(len(rows), "cars, the first:", rows[0])
    print("without horsepower:", sum(not row["horsepower"] for row in rows))

    # TODO 1: make arrays of the rows: cars (n, 9) float32, MEASURES and then 0 or 1 for
    # each of ORIGINS, and surplus (n, 1) float32.
    cars, surplus = None, None
    if cars is None:
        raise NotImplementedError("TODO 1: make the arrays cars (n, 9) and surplus (n, 1).")

    # TODO 2: build a model with input (9,), raw columns, and output (1,).
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model with input (9,) and output (1,).")

    # TODO 3: compile it and train it on cars and surplus, with callbacks=[training_log].
    # Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
