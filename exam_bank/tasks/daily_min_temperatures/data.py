"""Daily minimum temperatures: two months of nights, and the heating of the sixteen weeks after."""

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.material import HiddenSet, Material
from exam_bank.real import tables
from exam_bank.real.series import Cut, Windows, mean_error
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import csv, rounded

PAST, WEEKS, NIGHTS = 60, 16, 7
FIRSTS, SPLITS = range(61), range(2190, 2556)
# Warmer nights need no heating: along a straight line they would need less than none.
WARM = 10.0


def make(seed: int, dataset: LocalDataset) -> Material:
    """Nights up to a drawn one for the candidate; hidden: every window after it."""
    columns = tables.read(dataset.payload("daily-min-temperatures.csv"), ("Date", "Temp"))
    nights, dates = tables.numbers(columns, ("Temp",)), np.array(columns["Date"])
    cut = Cut.draw(Rng(seed, "daily-min-temperatures", "cut"), FIRSTS, SPLITS)
    known, later = cut.parts(nights)
    seen, asked = _windows(known), _windows(later)
    targets = asked.targets[..., 0]
    shown = {"date": dates[cut.first : cut.split], "heating": _heating(known)[:, 0]}
    trivial = asked.trivial(_heating(known).mean(axis=0))
    for name, values in _held(asked.inputs, seen.targets).items():
        trivial[name] = np.broadcast_to(values, asked.targets.shape)
    return Material(
        files={
            "data/train.csv": csv(
                {**shown, "temperature": known[:, 0]}, {"heating": 1, "temperature": 1}
            )
        },
        hidden=HiddenSet(
            asked.inputs.astype(np.float32),
            targets.astype(np.float32),
            baseline=mean_error(seen.linear(asked)[..., 0], targets),
        ),
        trivial={name: values[..., 0] for name, values in trivial.items()},
    )


def _windows(rows: Floats) -> Windows:
    return Windows.of_means(rows, _heating(rows), PAST, WEEKS, NIGHTS)


def _held(inputs: Floats, targets: Floats) -> dict[str, Floats]:
    """What needs no training: the heating of the window goes on, or that of most weeks."""
    heating = _heating(inputs)
    return {
        "last week": heating[:, -NIGHTS:].mean(axis=1, keepdims=True),
        "last four weeks": heating[:, -4 * NIGHTS :].mean(axis=1, keepdims=True),
        "whole window": heating.mean(axis=1, keepdims=True),
        "median of each week": np.median(targets, axis=0),
    }


def _heating(rows: Floats) -> Floats:
    return rounded(np.maximum(WARM - rows, 0.0), 1)
