"""Auto MPG: cars of 1970 to 1982; which of them are hidden is drawn.

Asked for is the mileage above what the law demanded of 1982: a number around 0 that no multiple of
weight, year or power comes near, as one comes near the mileage itself.
"""

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.material import HiddenSet, Material
from exam_bank.real import tables
from exam_bank.real.rows import withhold
from exam_bank.real.series import mean_error
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import LinearMap
from exam_bank.synthetic.tabular import csv

MEASURES = (
    "cylinders",
    "displacement",
    "horsepower",
    "weight",
    "acceleration",
    "model_year",
)
ORIGINS = ("usa", "europe", "japan")
HIDDEN = 150
DEMANDED = 24.0  # miles per gallon, of a maker's cars of 1982
# Spreads: the same car with another paint, or told twice.
NEAR = 0.05


def make(seed: int, dataset: LocalDataset) -> Material:
    """150 whole rows are hidden; the rest, with its gaps, is the candidate's."""
    names = (*MEASURES, "origin", "mpg")
    columns = tables.read(dataset.payload("auto-mpg.csv"), names)
    surplus = tables.numbers(columns, ("mpg",)) - DEMANDED
    cars = _features(tables.numbers(columns, MEASURES), columns["origin"])
    whole = np.flatnonzero(np.isfinite(cars).all(axis=1))
    alike = np.zeros(len(whole), dtype=np.int64)
    rng = Rng(seed, "auto-mpg")
    train, hidden = withhold(cars[whole], alike, HIDDEN, rng.child("hidden"), within=NEAR)
    train, hidden = whole[train], whole[hidden]
    linear = LinearMap.fit(cars[train], surplus[train]).predict(cars[hidden])
    shown = np.append(train, np.flatnonzero(np.isnan(cars).any(axis=1)))
    shown = shown[rng.child("train").permutation(len(shown))]
    table = {name: np.array(columns[name])[shown] for name in names[:-1]}
    table["surplus_mpg"] = surplus[shown, 0]
    return Material(
        files={"data/train.csv": csv(table, {"surplus_mpg": 1})},
        hidden=HiddenSet(
            cars[hidden].astype(np.float32),
            surplus[hidden].astype(np.float32),
            baseline=mean_error(linear, surplus[hidden]),
        ),
        trivial={
            "mean": np.full((len(hidden), 1), surplus[train].mean()),
            "median": np.full((len(hidden), 1), np.median(surplus[train])),
        },
    )


def _features(measures: Floats, origins: list[str]) -> Floats:
    """The measures, then 1 in the column of the car's origin and 0 in the two others."""
    flags = np.array(origins)[:, None] == np.array(ORIGINS)
    return np.hstack([measures, flags.astype(np.float64)])
