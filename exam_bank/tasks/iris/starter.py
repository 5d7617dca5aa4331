"""Category 2: Iris.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes inputs of shape (None, 4), lengths as they are in the file, and gives
  outputs of shape (None, 2). Scaling, if you want any, is part of the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_flowers():
    """The flowers (n, 4) in centimetres, and 1 for each versicolor among them, else 0: (n,)."""
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :4], table[:, 4].astype("int64")


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that recognises versicolor."""
    flowers, labels = load_flowers()
    print("flowers", flowers.shape, "column means", flowers.mean(axis=0).round(2))
    print("versicolor", labels.sum(), "of", len(labels))

    # TODO 1: keep some flowers apart, so that you can see what the model is worth.

    # TODO 2: build a model from (4,), raw lengths, to 2 softmax probabilities.
    model = None
    if model is None:
        raise NotImplementedError("TODO 2: build a model from (4,) to 2 probabilities.")

    # TODO 3: compile it and train it, with callbacks=[training_log]. Then delete the next line.
    raise NotImplementedError("TODO 3: compile the model and train it.")

    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
