"""Flats of one town with their asked prices; the town's law of prices moves with the seed."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import FLAT_COLUMNS, Town, asked_prices, csv, flats

TASK = "flats"
TRAIN, HIDDEN = 4000, 3000


def make(seed: int) -> Material:
    """4,000 flats with prices for the candidate, 3,000 others of the same town hidden."""
    town = Town.draw(Rng(seed, TASK, "town"))
    rows, _, prices = _draw(town, Rng(seed, TASK, "train"), TRAIN)
    hidden, fair, targets = _draw(town, Rng(seed, TASK, "hidden"), HIDDEN)
    columns = dict(zip(FLAT_COLUMNS, rows.T, strict=True)) | {"price_k": prices}
    best = float(np.mean(np.abs(targets - fair)))
    return Material(
        files={"data/train.csv": csv(columns, {**FLAT_COLUMNS, "price_k": 1})},
        hidden=HiddenSet(
            hidden.astype(np.float32),
            targets.astype(np.float32).reshape(-1, 1),
            baseline=round(best, 4),
        ),
        trivial={
            "mean": np.full((HIDDEN, 1), prices.mean()),
            "median": np.full((HIDDEN, 1), np.median(prices)),
        },
    )


def _draw(town: Town, rng: Rng, n: int) -> tuple[Floats, Floats, Floats]:
    rows = flats(rng.child("flats"), n)
    fair = town.fair_prices(rows)
    return rows, fair, asked_prices(rng.child("prices"), rows, fair)
