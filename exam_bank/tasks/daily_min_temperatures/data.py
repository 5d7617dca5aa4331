"""Daily minimum temperatures: four months of nights, and the two months after them."""

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.material import HiddenSet, Material
from exam_bank.real import tables
from exam_bank.real.series import Cut, Windows, mean_error
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.tabular import csv

PAST, AHEAD = 120, 60
FIRSTS, SPLITS = range(61), range(2190, 2556)


def make(seed: int, dataset: LocalDataset) -> Material:
    """Nights up to a drawn one for the candidate; hidden: every window after it."""
    columns = tables.read(dataset.payload("daily-min-temperatures.csv"), ("Date", "Temp"))
    nights, dates = tables.numbers(columns, ("Temp",)), np.array(columns["Date"])
    cut = Cut.draw(Rng(seed, "daily-min-temperatures", "cut"), FIRSTS, SPLITS)
    known, later = cut.parts(nights)
    seen, asked = Windows.of(known, PAST, AHEAD), Windows.of(later, PAST, AHEAD)
    targets = asked.targets[..., 0]
    shown = {"date": dates[cut.first : cut.split], "temperature": known[:, 0]}
    trivial = asked.trivial(known.mean(axis=0))
    return Material(
        files={"data/train.csv": csv(shown, {"temperature": 1})},
        hidden=HiddenSet(
            asked.inputs.astype(np.float32),
            targets.astype(np.float32),
            baseline=mean_error(seen.linear(asked)[..., 0], targets),
        ),
        trivial={name: values[..., 0] for name, values in trivial.items()},
    )
