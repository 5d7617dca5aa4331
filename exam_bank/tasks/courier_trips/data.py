"""A courier's trips in one city; what each code stands for moves with the seed."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.courier import TRIP_COLUMNS, City, taken, trips
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.tabular import csv, strangers

TASK = "courier-trips"
TRAIN, HIDDEN, SPARE = 8000, 4000, 100


def make(seed: int) -> Material:
    """8,000 trips with their minutes for the candidate, 4,000 others of the city hidden."""
    city = City.draw(Rng(seed, TASK, "city"))
    train, later = Rng(seed, TASK, "train"), Rng(seed, TASK, "hidden")
    rows = trips(train.child("trips"), TRAIN)
    minutes = taken(train.child("luck"), city.minutes(rows))
    hidden = strangers(trips(later.child("trips"), HIDDEN + SPARE), rows, HIDDEN)
    expected = city.minutes(hidden)
    targets = taken(later.child("luck"), expected)
    columns = dict(zip(TRIP_COLUMNS, rows.T, strict=True)) | {"minutes": minutes}
    return Material(
        files={"data/train.csv": csv(columns, {**TRIP_COLUMNS, "minutes": 1})},
        hidden=HiddenSet(
            hidden.astype(np.float32),
            targets.astype(np.float32).reshape(-1, 1),
            baseline=round(float(np.mean(np.abs(targets - expected))), 4),
        ),
        trivial={
            "mean": np.full((HIDDEN, 1), minutes.mean()),
            "median": np.full((HIDDEN, 1), np.median(minutes)),
            "minutes a kilometre": hidden[:, 4:5] * (minutes.sum() / rows[:, 4].sum()),
        },
    )
