"""Iris: half of the flowers for the candidate, 25 of each species hidden.

Asked for is versicolor, which lies between the two others: the nearest mean and a straight line,
which tell all three species apart, do not find what is in the middle.
"""

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.material import HiddenSet, Material
from exam_bank.real import tables
from exam_bank.real.rows import withhold
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.tabular import csv

SPECIES = ("setosa", "versicolor", "virginica")
LENGTHS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
HIDDEN_PER_SPECIES = 25
# Spreads; the lengths are told to a millimetre, so this means: the same four lengths.
NEAR = 0.02


def make(seed: int, dataset: LocalDataset) -> Material:
    """75 flowers are hidden, and which ones is drawn."""
    columns = tables.read(dataset.payload("iris.csv"), (*LENGTHS, "species"))
    flowers, names = tables.numbers(columns, LENGTHS), np.array(columns["species"])
    labels = np.searchsorted(SPECIES, names).astype(np.int64)
    train, hidden = withhold(
        flowers, labels, HIDDEN_PER_SPECIES, Rng(seed, "iris", "hidden"), within=NEAR
    )
    versicolor = (names == "versicolor").astype(np.int64)
    shown = dict(zip(LENGTHS, flowers[train].T, strict=True)) | {"versicolor": versicolor[train]}
    return Material(
        files={"data/train.csv": csv(shown, dict.fromkeys(LENGTHS, 1))},
        hidden=HiddenSet(flowers[hidden].astype(np.float32), versicolor[hidden]),
        trivial={
            name: np.tile(np.eye(2)[label], (len(hidden), 1))
            for label, name in enumerate(("never versicolor", "always versicolor"))
        },
    )
