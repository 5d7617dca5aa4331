"""Two years of a chain's daily sales for the candidate; the 200 days after them are hidden."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import LinearMap, Source, windows
from exam_bank.synthetic.shop import BRANCHES, SALES_COLUMNS, Custom, branch_sales
from exam_bank.synthetic.tabular import csv

TASK = "shop-sales"
TRAIN_DAYS, HIDDEN_DAYS = 730, 200
PAST, AHEAD = 28, 14
MONDAY = "2023-01-02"


def make(seed: int) -> Material:
    """Rows of 12 branches over 730 days; hidden: each window of 28 + 14 days after them."""
    source = Source(seed, TASK, TRAIN_DAYS, HIDDEN_DAYS)
    custom = Custom.draw(Rng(seed, TASK, "custom"))
    branches = [branch_sales(custom, source, branch) for branch in range(BRANCHES)]
    known = _windows([rows[:TRAIN_DAYS] for rows in branches])
    inputs, targets = _windows([rows[TRAIN_DAYS:] for rows in branches])
    linear = LinearMap.fit(*known).predict(inputs)
    return Material(
        files={"data/train.csv": _csv([rows[:TRAIN_DAYS] for rows in branches])},
        hidden=HiddenSet(
            inputs.astype(np.float32),
            targets.astype(np.float32),
            baseline=round(float(np.mean(np.abs(linear - targets))), 4),
        ),
        trivial={
            "mean": np.full(targets.shape, known[1].mean()),
            "last value": np.repeat(inputs[:, -1:, 0], AHEAD, axis=1),
            "last two weeks": inputs[:, -AHEAD:, 0],
            "mean of two fortnights": inputs[:, :AHEAD, 0] / 2 + inputs[:, AHEAD:, 0] / 2,
        },
    )


def _windows(branches: list[Floats]) -> tuple[Floats, Floats]:
    pairs = [windows(rows, PAST, AHEAD, 1) for rows in branches]
    return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])


def _csv(branches: list[Floats]) -> bytes:
    days = np.datetime_as_string(np.datetime64(MONDAY, "D") + np.arange(TRAIN_DAYS))
    columns = {
        "branch": np.repeat(np.arange(1, BRANCHES + 1), TRAIN_DAYS),
        "date": np.tile(days, BRANCHES),
        **dict(zip(SALES_COLUMNS, np.concatenate(branches).T, strict=True)),
    }
    return csv(columns, {"branch": 0, **SALES_COLUMNS})
