"""Category 2: Garments.

Rules
  * Fill in the blanks marked TODO. You may add imports, functions and layers.
  * Leave the code between the lines "locked" as it is.
  * Save one Keras model as mymodel.h5 in this folder; every save is marked by itself,
    as often as you like, and your best score counts.
  * The model takes (28, 28) pictures scaled to 0-1 and answers 10 probabilities.
    There is no channel axis in the input: if your layers want one, add it in the model.
  * No Lambda layers and no layers of your own: the grader only loads Keras' own.
  * You may train anywhere and copy mymodel.h5 here.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

# ---- locked -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent


def load_data():
    """Images (8000, 28, 28) uint8, 0 to 255, labels (8000,), and what each label means."""
    with np.load(HERE / "data" / "train.npz") as train:
        return train["images"], train["labels"], train["names"].tolist()


# Hand this to model.fit(callbacks=[...]): the exam screen then draws your training curve.
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- locked -----------------------------------------------------------------------------


def solution_model():
    images, labels, names = load_data()
    print("images:", images.shape, images.dtype, "from", images.min(), "to", images.max())
    print("labels:", labels.shape, labels.dtype, "for", ", ".join(names))

    # TODO 1: scale the pictures as the contract asks, and keep some back for validation.
    raise NotImplementedError("TODO 1: scale the pictures and set a validation part aside.")

    # TODO 2: build a model from (28, 28) to 10 softmax probabilities.
    model = None

    # TODO 3: compile it with a loss that fits integer labels, and train it.

    model.summary()
    return model


# ---- locked -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
