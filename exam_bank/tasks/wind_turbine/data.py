"""A turbine's log with throttled readings for the candidate; hidden: days nobody throttled."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import csv, strangers
from exam_bank.synthetic.turbine import TURBINE_COLUMNS, Turbine, metered, readings, throttled

TASK = "wind-turbine"
TRAIN, VALID, HIDDEN, SPARE = 8000, 500, 4000, 100


def make(seed: int) -> Material:
    """8,000 logged readings of a turbine; 500 free ones to validate with, and 4,000 hidden."""
    turbine = Turbine.draw(Rng(seed, TASK, "turbine"))
    train, later = Rng(seed, TASK, "train"), Rng(seed, TASK, "hidden")
    rows = readings(train.child("readings"), TRAIN)
    logged = throttled(train.child("brake"), metered(train.child("meter"), turbine.power(rows)))
    free = Rng(seed, TASK, "valid")
    valid = strangers(readings(free.child("readings"), VALID + SPARE), rows, VALID)
    given = metered(free.child("meter"), turbine.power(valid))
    hidden = readings(later.child("readings"), HIDDEN + SPARE)
    hidden = strangers(hidden, np.concatenate([rows, valid]), HIDDEN)
    power = turbine.power(hidden)
    targets = metered(later.child("meter"), power)
    return Material(
        files={"data/train.csv": _log(rows, logged), "data/valid.csv": _log(valid, given)},
        hidden=HiddenSet(
            hidden.astype(np.float32),
            targets.astype(np.float32).reshape(-1, 1),
            baseline=round(float(np.mean(np.abs(targets - power))), 4),
        ),
        trivial={
            "mean": np.full((HIDDEN, 1), logged.mean()),
            "median": np.full((HIDDEN, 1), np.median(logged)),
        },
    )


def _log(rows: Floats, power: Floats) -> bytes:
    columns = dict(zip(TURBINE_COLUMNS, rows.T, strict=True)) | {"power_kw": power}
    return csv(columns, {**TURBINE_COLUMNS, "power_kw": 1})
