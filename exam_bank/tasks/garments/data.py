"""The data of one seed: drawn garments as arrays in one .npz, and a hidden set like them.

Every paper's shop numbers its shelves in its own way: a model of another one is worthless.
"""

import io

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic import garments
from exam_bank.synthetic.rng import Rng

_TRAIN_PER_CLASS, _HIDDEN_PER_CLASS = 800, 800


def make(seed: int) -> Material:
    """8,000 labelled pictures for the candidate and 8,000 others for the grader."""
    images, labels = garments.pictures(Rng(seed, "garments", "train"), _TRAIN_PER_CLASS)
    hidden, answers = garments.pictures(Rng(seed, "garments", "hidden"), _HIDDEN_PER_CLASS)
    shelf = Rng(seed, "garments", "shelves").permutation(len(garments.LABELS))
    names = np.array(garments.LABELS)[np.argsort(shelf)]
    packed = io.BytesIO()
    np.savez(packed, images=images, labels=shelf[labels].astype(np.uint8), names=names)
    majority = np.zeros((len(answers), len(garments.LABELS)), np.float32)
    majority[:, 0] = 1.0
    return Material(
        files={"data/train.npz": packed.getvalue()},
        hidden=HiddenSet(hidden, shelf[answers], input_scale=1 / 255),
        trivial={"majority": majority},
    )
