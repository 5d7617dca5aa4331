"""The data of one seed: the bees of one valley as a CSV file, and others of the same valley."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic import bees, tabular
from exam_bank.synthetic.rng import Rng

_TRAIN_PER_SPECIES, _HIDDEN_PER_SPECIES = 500, 1000


def make(seed: int) -> Material:
    """3,000 named bees for the candidate and 6,000 others for the grader."""
    valley = bees.Valley.draw(Rng(seed, "wild-bees", "valley"))
    measured, labels = valley.bees(Rng(seed, "wild-bees", "train"), _TRAIN_PER_SPECIES)
    hidden, answers = valley.bees(Rng(seed, "wild-bees", "hidden"), _HIDDEN_PER_SPECIES)
    columns = dict(zip(bees.COLUMNS, measured.T, strict=True))
    named = {**columns, "species": np.array(bees.SPECIES)[labels]}
    majority = np.zeros((len(answers), len(bees.SPECIES)), np.float32)
    majority[:, np.bincount(labels).argmax()] = 1.0
    return Material(
        files={"data/bees.csv": tabular.csv(named, bees.COLUMNS)},
        hidden=HiddenSet(hidden.astype(np.float32), answers.astype(np.int64)),
        trivial={"majority": majority},
    )
