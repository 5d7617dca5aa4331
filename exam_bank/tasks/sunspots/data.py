"""Sunspots: five years of months, and how active the sun is in each of the five years after."""

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.material import HiddenSet, Material
from exam_bank.real import tables
from exam_bank.real.series import Cut, Windows, mean_error
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import csv, rounded

NUMBER = "Monthly Mean Total Sunspot Number"
PAST, YEARS, MONTHS = 60, 5, 12
FIRSTS, SPLITS = range(61), range(2150, 2351)
# Only what rises above this share of the highest month counts: along a straight line a quiet
# sun would come out below zero.
QUIET = 0.2


def make(seed: int, dataset: LocalDataset) -> Material:
    """Months up to a drawn one for the candidate; hidden: every window after it."""
    columns = tables.read(dataset.payload("Sunspots.csv"), ("Date", NUMBER))
    numbers, dates = tables.numbers(columns, (NUMBER,)), np.array(columns["Date"])
    cut = Cut.draw(Rng(seed, "sunspots", "cut"), FIRSTS, SPLITS)
    known, later = cut.parts(numbers)
    known, later = rounded(known / known.max(), 4), rounded(later / known.max(), 4)
    seen, asked = _windows(known), _windows(later)
    targets = asked.targets[..., 0]
    shown = {"month": dates[cut.first : cut.split], "above": _above(known)[:, 0]}
    trivial = asked.trivial(_above(known).mean(axis=0))
    for name, values in _held(asked.inputs, seen.targets).items():
        trivial[name] = np.broadcast_to(values, asked.targets.shape)
    return Material(
        files={
            "data/train.csv": csv({**shown, "sunspots": known[:, 0]}, {"above": 4, "sunspots": 4})
        },
        hidden=HiddenSet(
            asked.inputs.astype(np.float32),
            targets.astype(np.float32),
            baseline=mean_error(seen.linear(asked)[..., 0], targets),
        ),
        trivial={name: values[..., 0] for name, values in trivial.items()},
    )


def _windows(rows: Floats) -> Windows:
    return Windows.of_means(rows, _above(rows), PAST, YEARS, MONTHS)


def _held(inputs: Floats, targets: Floats) -> dict[str, Floats]:
    """What needs no training: the activity of the window goes on, or that of most years."""
    above = _above(inputs)
    return {
        "last month above": above[:, -1:],
        "last year": above[:, -MONTHS:].mean(axis=1, keepdims=True),
        "whole window": above.mean(axis=1, keepdims=True),
        "median of each year": np.median(targets, axis=0),
    }


def _above(rows: Floats) -> Floats:
    return rounded(np.maximum(rows - QUIET, 0.0), 4)
