"""The data of one seed: an alphabet of its own, written by many hands."""

import io

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic import script
from exam_bank.synthetic.rng import Rng

_TRAIN_PER_SIGN, _HIDDEN_PER_SIGN = 600, 500


def make(seed: int) -> Material:
    """6,000 labelled pictures for the candidate and 5,000 others for the grader."""
    signs = script.alphabet(Rng(seed, "lost-script", "alphabet"))
    images, labels = script.pictures(Rng(seed, "lost-script", "train"), signs, _TRAIN_PER_SIGN)
    hidden, answers = script.pictures(Rng(seed, "lost-script", "hidden"), signs, _HIDDEN_PER_SIGN)
    packed = io.BytesIO()
    np.savez(packed, images=images, labels=labels)
    majority = np.zeros((len(answers), script.SIGNS), np.float32)
    majority[:, np.bincount(labels).argmax()] = 1.0
    return Material(
        files={"data/train.npz": packed.getvalue()},
        hidden=HiddenSet(hidden, answers.astype(np.int64), input_scale=1 / 255),
        trivial={"majority": majority},
    )
