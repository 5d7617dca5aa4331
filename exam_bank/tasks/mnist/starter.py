"""Category 2: MNIST.

Rules
- Fill in the blanks marked TODO. Leave the code marked "locked" as it is.
- solution_model() returns your trained model; running this file saves it as mymodel.h5,
  next to this file. Only that file is graded, as often as you save it; the best counts.
- The model takes (28, 28) pictures scaled to 0-1 and answers 10 probabilities. There is
  no channel axis in the input: if your layers want one, add it in the model.
- No Lambda layers and no custom classes: the grader does not run your code.

You may train elsewhere and copy mymodel.h5 here. brief.md says what is asked.
"""

# --- locked: where things are -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_data():
    """Images (n, 28, 28) uint8, 0 to 255, and labels (n,): the digits."""
    with np.load(HERE / "data" / "train.npz") as train:
        return train["images"], train["labels"]


# --- yours ------------------------------------------------------------------------------
def solution_model():
    """A trained model that reads a digit."""
    images, labels = load_data()
    print("images:", images.shape, images.dtype, "from", images.min(), "to", images.max())
    print("labels:", labels.shape, labels.dtype, "classes", np.unique(labels))

    # TODO 1: scale the pictures as the contract asks, and keep some back for validation.
    raise NotImplementedError("TODO 1: scale the pictures and set a validation part aside.")

    # TODO 2: build a model from (28, 28) to 10 softmax probabilities.
    model = None

    # TODO 3: compile it with a loss that fits integer labels, and train it with
    # callbacks=[training_log]: the exam screen then draws your training curve.

    model.summary()
    return model


# --- locked: saving ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
