"""US diesel: ten weekly prices, and what the fuel costs on average from now on."""

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.material import HiddenSet, Material
from exam_bank.real import tables
from exam_bank.real.series import Cut, Windows, mean_error
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.tabular import csv, rounded

PRICE = "Weekly U.S. No 2 Diesel Retail Prices Dollars per Gallon"
PAST = AHEAD = 10
FIRSTS, SPLITS = range(41), range(960, 1061)
# After a quiet week anyone can guess; asked is only after one that moved the price so much.
MOVED = 0.008


def make(seed: int, dataset: LocalDataset) -> Material:
    """Prices in a drawn currency up to a drawn week; hidden: windows after it that moved."""
    columns = tables.read(dataset.payload("weekly-us-diesel.csv"), ("Week of", PRICE))
    rng = Rng(seed, "us-diesel")
    rate = float(rng.child("rate").uniform(4.0, 12.0)[0])
    prices = rounded(tables.numbers(columns, (PRICE,)) * rate, 3)
    cut = Cut.draw(rng.child("cut"), FIRSTS, SPLITS)
    known, later = cut.parts(prices)
    seen, asked = (_moved(_averaged(Windows.of(part, PAST, AHEAD))) for part in (known, later))
    last = asked.inputs[:, -1:]
    linear = last + seen.since_last().linear(asked.since_last())
    weeks = np.array(columns["Week of"])[cut.first : cut.split]
    return Material(
        files={"data/train.csv": csv({"week": weeks, "price": known[:, 0]}, {"price": 3})},
        hidden=HiddenSet(
            asked.inputs.astype(np.float32),
            asked.targets.astype(np.float32),
            baseline=mean_error(linear, asked.targets),
        ),
        trivial=asked.trivial(known.mean(axis=0)),
    )


def _averaged(windows: Windows) -> Windows:
    """The targets as running means: of the next week, of the next two, … of all ten."""
    weeks = np.arange(1, AHEAD + 1)[:, None]
    return Windows(windows.inputs, np.cumsum(windows.targets, axis=1) / weeks)


def _moved(windows: Windows) -> Windows:
    before, last = windows.inputs[:, -2, 0], windows.inputs[:, -1, 0]
    kept = np.abs(last - before) >= MOVED * before
    return Windows(windows.inputs[kept], windows.targets[kept])
