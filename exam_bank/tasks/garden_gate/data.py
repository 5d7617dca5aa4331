"""The data of one seed: pictures from one garden's gate in two folders, and others like them."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic import camera, gate
from exam_bank.synthetic.rng import Rng

_TRAIN_PER_KIND, _HIDDEN_PER_KIND = 500, 400


def make(seed: int) -> Material:
    """2,000 picture files for the candidate and 1,600 other pictures for the grader.

    Hidden pictures go through JPEG too: both sets have the same fine structure.
    """
    garden = gate.Garden.draw(Rng(seed, "garden-gate", "garden"))
    train, labels = garden.pictures(Rng(seed, "garden-gate", "train"), _TRAIN_PER_KIND)
    hidden, answers = garden.pictures(Rng(seed, "garden-gate", "hidden"), _HIDDEN_PER_KIND)
    pixels = camera.decoded(hidden, gate.SIDE)
    always = np.ones((len(answers), 1), np.float32)
    return Material(
        files=camera.class_folders(train, labels.tolist(), gate.LABELS),
        hidden=HiddenSet(pixels, answers.astype(np.int64), input_scale=1 / 255),
        trivial={"majority": always},
    )
