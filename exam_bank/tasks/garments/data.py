"""The data of one seed: drawn garments as arrays in one .npz, and a hidden set like them."""

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
    packed = io.BytesIO()
    np.savez(packed, images=images, labels=labels)
    majority = np.zeros((len(answers), len(garments.LABELS)), np.float32)
    majority[:, np.bincount(labels).argmax()] = 1.0
    return Material(
        files={"data/train.npz": packed.getvalue()},
        hidden=HiddenSet(hidden, answers.astype(np.int64), input_scale=1 / 255),
        trivial={"majority": majority},
    )
