"""Two years of a town's load for the candidate; the 150 days after them are hidden."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import (
    LOAD_COLUMNS,
    Habits,
    LinearMap,
    Source,
    hours,
    town_load,
    windows,
)
from exam_bank.synthetic.tabular import csv

TASK = "town-load"
TRAIN_DAYS, HIDDEN_DAYS = 730, 150
PAST, AHEAD, STRIDE = 48, 24, 2
# Five and 24 share no divisor: the yardstick is fitted on windows of every starting hour.
FIT_STRIDE = 5
MONDAY = "2023-01-02T00"


def make(seed: int) -> Material:
    """Hourly rows of 730 days; hidden: every second window of 48 + 24 hours after them."""
    source = Source(seed, TASK, TRAIN_DAYS, HIDDEN_DAYS)
    rows = town_load(Habits.draw(Rng(seed, TASK, "habits")), source)
    train, hidden = rows[: TRAIN_DAYS * 24], rows[TRAIN_DAYS * 24 :]
    inputs, targets = windows(hidden, PAST, AHEAD, STRIDE)
    linear = LinearMap.fit(*windows(train, PAST, AHEAD, FIT_STRIDE)).predict(inputs)
    return Material(
        files={"data/train.csv": _csv(train)},
        hidden=HiddenSet(
            inputs.astype(np.float32),
            targets.astype(np.float32),
            baseline=round(float(np.mean(np.abs(linear - targets))), 4),
        ),
        trivial={
            "mean": np.full(targets.shape, train[:, 0].mean()),
            "last value": np.repeat(inputs[:, -1:, 0], AHEAD, axis=1),
            "same hour yesterday": inputs[:, -AHEAD:, 0],
            "mean of two days": inputs[:, :AHEAD, 0] / 2 + inputs[:, AHEAD:, 0] / 2,
        },
    )


def _csv(rows: Floats) -> bytes:
    columns = dict(zip(LOAD_COLUMNS, rows.T, strict=True))
    return csv({"time": hours(MONDAY, len(rows)), **columns}, LOAD_COLUMNS)
