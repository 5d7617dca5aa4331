"""Two years of a spring's hourly flow for the candidate; the 200 days after them are hidden."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import LinearMap, Source, hours, windows
from exam_bank.synthetic.spring import Cave, spring_flow
from exam_bank.synthetic.tabular import csv

TASK = "breathing-spring"
TRAIN_DAYS, HIDDEN_DAYS = 730, 200
PAST, AHEAD, STRIDE = 96, 48, 2
FIT_STRIDE = 5


def make(seed: int) -> Material:
    """Hourly flow of 730 days; hidden: every second window of 96 + 48 hours after them."""
    source = Source(seed, TASK, TRAIN_DAYS, HIDDEN_DAYS)
    flow = spring_flow(Cave.draw(Rng(seed, TASK, "cave")), source)[:, None]
    train, hidden = flow[: TRAIN_DAYS * 24], flow[TRAIN_DAYS * 24 :]
    inputs, targets = windows(hidden, PAST, AHEAD, STRIDE)
    linear = LinearMap.fit(*windows(train, PAST, AHEAD, FIT_STRIDE)).predict(inputs)
    return Material(
        files={"data/train.csv": _csv(train[:, 0])},
        hidden=HiddenSet(
            inputs.astype(np.float32),
            targets.astype(np.float32),
            baseline=round(float(np.mean(np.abs(linear - targets))), 4),
        ),
        trivial={
            "mean": np.full(targets.shape, train.mean()),
            "median": np.full(targets.shape, np.median(train)),
            "last value": np.repeat(inputs[:, -1:, 0], AHEAD, axis=1),
            "last two days": inputs[:, -AHEAD:, 0],
        },
    )


def _csv(flow: Floats) -> bytes:
    return csv({"time": hours("2022-10-03T00", len(flow)), "flow_ls": flow}, {"flow_ls": 1})
