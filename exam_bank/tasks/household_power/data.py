"""Household power: 24 minutes of seven measures, and the 24 minutes after them."""

import zipfile

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.material import HiddenSet, Material
from exam_bank.real import tables
from exam_bank.real.series import Cut, Span, Windows, mean_error
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.tabular import csv

ARCHIVE, TABLE = "household_power.zip", "household_power_consumption.csv"
# The measures in the order of the file, with their decimals there.
MEASURES = {
    "Global_active_power": 3,
    "Global_reactive_power": 3,
    "Voltage": 2,
    "Global_intensity": 1,
    "Sub_metering_1": 1,
    "Sub_metering_2": 1,
    "Sub_metering_3": 1,
}
PAST = AHEAD = 24
STRIDE = 12
DAY = 24 * 60


def make(seed: int, dataset: LocalDataset) -> Material:
    """About the first half for the candidate; hidden: every twelfth window of the rest."""
    columns = tables.read(_table(dataset), ("datetime", *MEASURES))
    rows, times = tables.numbers(columns, tuple(MEASURES)), np.array(columns["datetime"])
    half, spare = len(rows) // 2, min(DAY, len(rows) // 20)
    cut = Cut.draw(
        Rng(seed, "household-power", "cut"), range(spare), range(half - spare, half + spare)
    )
    known, later = cut.parts(rows)
    span = Span.of(known)
    known, later = span.scale(known), span.scale(later)
    seen = Windows.of(known, PAST, AHEAD, stride=5)
    asked = Windows.of(later, PAST, AHEAD, stride=STRIDE)
    shown = dict(zip(MEASURES, rows[cut.first : cut.split].T, strict=True))
    return Material(
        files={
            "data/train.csv": csv({"datetime": times[cut.first : cut.split], **shown}, MEASURES)
        },
        hidden=HiddenSet(
            asked.inputs.astype(np.float32),
            asked.targets.astype(np.float32),
            baseline=mean_error(seen.linear(asked), asked.targets),
        ),
        trivial=asked.trivial(known.mean(axis=0)),
    )


def _table(dataset: LocalDataset) -> bytes:
    path = dataset.path(ARCHIVE)
    try:
        with zipfile.ZipFile(path) as opened:
            return opened.read(TABLE)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError) as error:
        raise DataError(
            f"{path} is not a zip archive with {TABLE}: {error}.",
            fix="Look at the file with: tfexam data verify.",
        ) from error
