"""Sunspots: five years of months, and the five years after them."""

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.material import HiddenSet, Material
from exam_bank.real import tables
from exam_bank.real.series import Cut, Span, Windows, mean_error
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.tabular import csv

NUMBER = "Monthly Mean Total Sunspot Number"
PAST = AHEAD = 60
FIRSTS, SPLITS = range(61), range(2150, 2351)


def make(seed: int, dataset: LocalDataset) -> Material:
    """Months up to a drawn one for the candidate; hidden: every window after it."""
    columns = tables.read(dataset.payload("Sunspots.csv"), ("Date", NUMBER))
    numbers, dates = tables.numbers(columns, (NUMBER,)), np.array(columns["Date"])
    cut = Cut.draw(Rng(seed, "sunspots", "cut"), FIRSTS, SPLITS)
    known, later = cut.parts(numbers)
    span = Span.of(known)
    seen = Windows.of(span.scale(known), PAST, AHEAD)
    asked = Windows.of(span.scale(later), PAST, AHEAD)
    shown = {"month": dates[cut.first : cut.split], "sunspots": known[:, 0]}
    return Material(
        files={"data/train.csv": csv(shown, {"sunspots": 1})},
        hidden=HiddenSet(
            asked.inputs.astype(np.float32),
            asked.targets.astype(np.float32),
            baseline=mean_error(seen.linear(asked), asked.targets),
        ),
        trivial=asked.trivial(span.scale(known).mean(axis=0)),
    )
