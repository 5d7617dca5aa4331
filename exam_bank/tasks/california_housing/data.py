"""California housing: districts of the 1990 census; which of them are hidden is drawn."""

import io
import zipfile

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.material import HiddenSet, Material
from exam_bank.real.near import near
from exam_bank.real.series import mean_error
from exam_bank.synthetic.rng import Floats, Rng

COLUMNS = 8
HIDDEN_SHARE = 0.25
# Spreads: two districts that only their counts of rooms tell apart by a handful.
NEAR = 0.005


def make(seed: int, dataset: LocalDataset) -> Material:
    """A quarter of the districts is hidden."""
    districts, values = _read(dataset)
    order = Rng(seed, "california-housing", "hidden").permutation(len(districts))
    count = int(len(districts) * HIDDEN_SHARE)
    hidden, train = order[:count], order[count:]
    scaled = (districts - districts.mean(axis=0)) / np.maximum(districts.std(axis=0), 1e-9)
    train = train[~near(scaled[train], scaled[hidden], NEAR)]
    mean = np.full((count, 1), values[train].mean())
    packed = io.BytesIO()
    np.savez(packed, x=districts[train].astype(np.float32), y=values[train, 0].astype(np.float32))
    return Material(
        files={"data/train.npz": packed.getvalue()},
        hidden=HiddenSet(
            districts[hidden].astype(np.float32),
            values[hidden].astype(np.float32),
            baseline=mean_error(mean, values[hidden]),
        ),
        trivial={
            "mean": mean,
            "median": np.full((count, 1), np.median(values[train])),
        },
    )


def _read(dataset: LocalDataset) -> tuple[Floats, Floats]:
    """Districts (n, 8) and their median house values in dollars (n, 1)."""
    name = "california_housing.npz"
    try:
        with np.load(dataset.path(name), allow_pickle=False) as file:
            districts: Floats = np.asarray(file["x"], dtype=np.float64)
            values: Floats = np.asarray(file["y"], dtype=np.float64)
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{dataset.path(name)} is not the array file it should be: {error}.",
            fix="Look at the file with: tfexam data verify.",
        ) from error
    if districts.shape != (len(values), COLUMNS):
        raise DataError(f"{dataset.path(name)} holds districts of shape {districts.shape}.")
    return districts, values.reshape(-1, 1)
