"""Category 3: Rock, paper, scissors.

Rules
  * Fill in the blanks marked TODO. You may add imports, functions and layers.
  * Leave the code between the lines "locked" as it is.
  * Save one Keras model as mymodel.h5 in this folder; every save is marked by itself,
    as often as you like, and your best score counts.
  * The model takes (150, 150, 3) pictures scaled to 0-1 and answers 3 probabilities, in
    the order of data/signs.txt.
  * No Lambda layers and no layers of your own: the grader only loads Keras' own.
  * You may train anywhere and copy mymodel.h5 here.
"""

from pathlib import Path

import tensorflow as tf

# ---- locked -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
SIGNS = (HERE / "data" / "signs.txt").read_text(encoding="utf-8").split()
SIDE = 150


def load_data(batch_size=32):
    """A tf.data.Dataset of pictures (batch, 150, 150, 3), 0 to 255, and labels (batch,)."""
    pictures = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train",
        class_names=SIGNS,
        image_size=(SIDE, SIDE),
        batch_size=batch_size,
        seed=1,
    )
    print("signs:", dict(enumerate(SIGNS)))
    images, labels = next(iter(pictures))
    print("one batch of images:", images.shape, images.dtype.name)
    print("one batch of labels:", labels.shape, labels.dtype.name)
    return pictures


# Hand this to model.fit(callbacks=[...]): the exam screen then draws your training curve.
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- locked -----------------------------------------------------------------------------


def solution_model():
    pictures = load_data()

    # TODO 1: scale the pictures as the contract asks, and keep some back for validation.
    raise NotImplementedError("TODO 1: scale the pictures and set a validation part aside.")

    # TODO 2: build a model from (150, 150, 3) to 3 softmax probabilities.
    model = None

    # TODO 3: compile it with a loss that fits integer labels, and train it.

    model.summary()
    return model


# ---- locked -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
