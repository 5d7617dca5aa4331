"""Censuses of beetles in jars for the candidate; other jars of the same strain are hidden."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.beetles import Strain, jars
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import LinearMap, windows
from exam_bank.synthetic.tabular import csv

TASK = "flour-beetles"
TRAIN, HIDDEN, CENSUSES = 200, 200, 81
PAST, STRIDE = 24, 3


def make(seed: int) -> Material:
    """81 censuses of each of 200 jars; hidden: windows of 24 and the next, of 200 other jars."""
    strain = Strain.draw(Rng(seed, TASK, "strain"))
    shown, _ = jars(strain, Rng(seed, TASK, "train"), TRAIN, CENSUSES)
    counts, medians = jars(strain, Rng(seed, TASK, "hidden"), HIDDEN, CENSUSES)
    inputs, targets = _windows(counts, STRIDE)
    _, known = _windows(medians, STRIDE)
    linear = LinearMap.fit(*_windows(shown, 1)).predict(inputs)
    return Material(
        files={"data/train.csv": _csv(shown)},
        hidden=HiddenSet(
            inputs.astype(np.float32),
            targets.astype(np.float32),
            baseline=round(float(np.mean(np.abs(known - targets))), 4),
        ),
        trivial={
            "mean": np.full(targets.shape, shown.mean()),
            "median": np.full(targets.shape, np.median(shown)),
            "last value": inputs[:, -1],
            "last but one": inputs[:, -2],
            "linear": linear,
        },
    )


def _windows(counts: Floats, stride: int) -> tuple[Floats, Floats]:
    pairs = [windows(jar[:, None], PAST, 1, stride) for jar in counts]
    return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])


def _csv(shown: Floats) -> bytes:
    jar, census = np.divmod(np.arange(shown.size), CENSUSES)
    columns = {"jar": jar + 1, "census": census + 1, "beetles": shown.ravel()}
    return csv(columns, {"jar": 0, "census": 0, "beetles": 0})
