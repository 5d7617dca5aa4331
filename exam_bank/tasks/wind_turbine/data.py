"""A turbine's log with throttled readings for the candidate; hidden: days nobody throttled."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.tabular import csv, strangers
from exam_bank.synthetic.turbine import TURBINE_COLUMNS, Turbine, metered, readings, throttled

TASK = "wind-turbine"
TRAIN, HIDDEN, SPARE = 8000, 4000, 100


def make(seed: int) -> Material:
    """8,000 logged readings of a turbine; hidden: 4,000 others with nobody on the brake."""
    turbine = Turbine.draw(Rng(seed, TASK, "turbine"))
    train, later = Rng(seed, TASK, "train"), Rng(seed, TASK, "hidden")
    rows = readings(train.child("readings"), TRAIN)
    logged = throttled(train.child("brake"), metered(train.child("meter"), turbine.power(rows)))
    hidden = strangers(readings(later.child("readings"), HIDDEN + SPARE), rows, HIDDEN)
    power = turbine.power(hidden)
    targets = metered(later.child("meter"), power)
    columns = dict(zip(TURBINE_COLUMNS, rows.T, strict=True)) | {"power_kw": logged}
    return Material(
        files={"data/train.csv": csv(columns, {**TURBINE_COLUMNS, "power_kw": 1})},
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
