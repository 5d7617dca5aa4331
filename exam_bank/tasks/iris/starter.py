"""Category 2: Iris.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 4), lengths as they are in the file, and gives
  outputs of shape (None, 3). Scaling, if you want any, is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
LOGGER = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
SPECIES = ["setosa", "versicolor", "virginica"]


def load_flowers():
    """The flowers (n, 4) in centimetres and the names of their species (n,)."""
    table = np.genfromtxt(HERE / "data" / "train.csv", delimiter=",", skip_header=1, dtype=str)
    return table[:, :4].astype("float32"), table[:, 4]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that names the species."""
    flowers, names = load_flowers()
    print("flowers", flowers.shape, "column means", flowers.mean(axis=0).round(2))
    print("species", dict(zip(*np.unique(names, return_counts=True), strict=True)))

    # TODO 1: make numbers of the names, places in SPECIES.
    labels = None
    if labels is None:
        raise NotImplementedError("TODO 1: make numbers of the names, places in SPECIES.")

    # TODO 2: build a model from (4,), raw lengths, to 3 softmax probabilities.
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model from (4,) to 3 probabilities.")

    # TODO 3: compile it and train it, with callbacks=[LOGGER]. Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
