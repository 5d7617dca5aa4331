"""Columns out of the CSV files of real data sets, by their names."""

import csv
from collections.abc import Sequence

import numpy as np

from exam_bank.errors import DataError
from exam_bank.phrase import phrase
from exam_bank.synthetic.rng import Floats

Columns = dict[str, list[str]]

_FIX = phrase("Look at the file with: tfexam data verify.")


def read(content: bytes, names: Sequence[str]) -> Columns:
    """The columns called `names` as they are written; a row that lacks a cell is left out.

    Raises `DataError` when a column is missing, or when there is no row.
    """
    table = csv.DictReader(content.decode("utf-8-sig", errors="replace").splitlines())
    missing = [name for name in names if name not in (table.fieldnames or ())]
    if missing:
        raise DataError(
            phrase("A CSV file has no column {names}.", names=", ".join(missing)), fix=_FIX
        )
    rows = [row for row in table if all(row[name] is not None for name in names)]
    if not rows:
        raise DataError(phrase("A CSV file has no rows."), fix=_FIX)
    return {name: [row[name].strip() for row in rows] for name in names}


def numbers(columns: Columns, names: Sequence[str]) -> Floats:
    """The columns called `names` as numbers: (rows, len(names)); an empty cell is NaN.

    Raises `DataError` for a cell that is neither a number nor empty.
    """
    try:
        parsed = [[float(cell) if cell else np.nan for cell in columns[name]] for name in names]
    except ValueError as error:
        raise DataError(
            phrase("A CSV file has a cell that is no number: {error}.", error=error), fix=_FIX
        ) from error
    return np.array(parsed, dtype=np.float64).T
