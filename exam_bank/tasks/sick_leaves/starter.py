"""Category 3: Sick leaves.

Rules
  * Fill in the blanks marked TODO. You may add imports, functions and layers.
  * Leave the code between the lines "locked" as it is.
  * Save one Keras model as mymodel.h5 in this folder; every save is marked by itself,
    as often as you like, and your best score counts.
  * The model takes (96, 96, 3) pictures scaled to 0-1 and answers 4 probabilities, in
    the alphabetical order of the conditions.
  * No Lambda layers and no layers of your own: the grader only loads Keras' own.
  * You may train anywhere and copy mymodel.h5 here.
"""

import csv
from pathlib import Path

import tensorflow as tf

# ---- locked -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
CONDITIONS = ["blight_a", "blight_b", "blight_c", "healthy"]
SIDE = 96


def load_data():
    """Paths of 1600 JPEG files, and as many conditions, each one of CONDITIONS."""
    with (HERE / "data" / "leaves.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    files = [str(HERE / "data" / "leaves" / row["file"]) for row in rows]
    return files, [row["condition"] for row in rows]


# Hand this to model.fit(callbacks=[...]): the exam screen then draws your training curve.
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- locked -----------------------------------------------------------------------------


def solution_model():
    files, conditions = load_data()
    print(len(files), "pictures, the first is", Path(files[0]).name, "and shows", conditions[0])

    # TODO 1: make a tf.data.Dataset of pictures, scaled as the contract asks, and class
    # numbers (places in CONDITIONS); keep some back for validation.
    raise NotImplementedError("TODO 1: make a tf.data.Dataset of pictures and class numbers.")

    # TODO 2: build a model from (96, 96, 3) to 4 softmax probabilities.
    model = None

    # TODO 3: compile it with a loss that fits integer labels, and train it.

    model.summary()
    return model


# ---- locked -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("Saved", HERE / "mymodel.h5")
