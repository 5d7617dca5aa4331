"""The data of one seed: leaves of one plant with a list of what ails them, and others."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic import camera, leaves
from exam_bank.synthetic.rng import Rng

_TRAIN_PER_CLASS, _HIDDEN_PER_CLASS = 400, 400


def make(seed: int) -> Material:
    """1,600 picture files and their labels for the candidate, 1,600 others for the grader.

    Hidden pictures go through JPEG too: both sets have the same fine structure.
    """
    plant = leaves.Plant.draw(Rng(seed, "sick-leaves", "plant"))
    train, labels = plant.pictures(Rng(seed, "sick-leaves", "train"), _TRAIN_PER_CLASS)
    hidden, answers = plant.pictures(Rng(seed, "sick-leaves", "hidden"), _HIDDEN_PER_CLASS)
    names = [f"{number:04}.jpg" for number in range(1, len(train) + 1)]
    listed = [f"{n},{leaves.LABELS[label]}\n" for n, label in zip(names, labels, strict=True)]
    majority = np.zeros((len(answers), len(leaves.LABELS)), np.float32)
    majority[:, np.bincount(labels).argmax()] = 1.0
    return Material(
        files={
            **{f"data/leaves/{name}": file for name, file in zip(names, train, strict=True)},
            "data/leaves.csv": ("file,condition\n" + "".join(listed)).encode(),
        },
        hidden=HiddenSet(
            camera.decoded(hidden, leaves.SIDE), answers.astype(np.int64), input_scale=1 / 255
        ),
        trivial={"majority": majority},
    )
