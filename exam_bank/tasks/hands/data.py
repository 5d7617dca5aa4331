"""The data of one seed: pictures in a folder for each class, and a hidden set like them.

Every paper's machine numbers the three signs in its own way: a model of another one is
worthless.
"""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic import camera, hands
from exam_bank.synthetic.rng import Rng

_TRAIN_PER_CLASS, _HIDDEN_COUNT = 500, 1000


def make(seed: int) -> Material:
    """1,500 picture files for the candidate and 1,000 other pictures for the grader.

    Hidden pictures go through JPEG too: both sets have the same fine structure.
    """
    train, labels = hands.pictures(Rng(seed, "hands", "train"), _TRAIN_PER_CLASS)
    number = Rng(seed, "hands", "signs").permutation(len(hands.LABELS))
    names = [hands.LABELS[sign] for sign in np.argsort(number)]
    per_class = -(-_HIDDEN_COUNT // len(hands.LABELS))
    hidden, answers = hands.pictures(Rng(seed, "hands", "hidden"), per_class)
    hidden, answers = hidden[:_HIDDEN_COUNT], answers[:_HIDDEN_COUNT]
    majority = np.zeros((len(answers), len(hands.LABELS)), np.float32)
    majority[:, 0] = 1.0
    return Material(
        files={
            **camera.class_folders(train, labels.tolist(), hands.LABELS),
            "data/signs.txt": ("\n".join(names) + "\n").encode(),
        },
        hidden=HiddenSet(camera.decoded(hidden, hands.SIDE), number[answers], input_scale=1 / 255),
        trivial={"majority": majority},
    )
