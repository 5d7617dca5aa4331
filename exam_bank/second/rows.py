"""Rows of a hidden set: which are new, and the material with some of them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from exam_bank.material import Array, HiddenSet, Material

Rows = NDArray[np.int64]


def new_rows(inputs: Array, known: Array) -> Rows:
    """The rows of `inputs` that none of `known` equals."""
    seen = set(_keys(known))
    return np.array([at for at, key in enumerate(_keys(inputs)) if key not in seen], np.int64)


def _keys(inputs: Array) -> Iterator[bytes]:
    """What makes a row the same: its bytes; of a text's ids, its words in any order."""
    if inputs.dtype == np.int32 and inputs.ndim == 2:
        return (np.sort(row[row > 0]).tobytes() for row in inputs)
    return (np.ascontiguousarray(row).tobytes() for row in inputs)


def taken(material: Material, rows: Rows) -> Material:
    """The material with these rows of its hidden set."""
    trivial = {name: np.asarray(each)[rows] for name, each in material.trivial.items()}
    hidden = material.hidden
    taken = HiddenSet(
        inputs=hidden.inputs[rows],
        targets=hidden.targets[rows],
        input_scale=hidden.input_scale,
        baseline=_baseline(material, rows),
    )
    return Material(files=material.files, hidden=taken, trivial=trivial)


def _baseline(material: Material, rows: Rows) -> float:
    """The divisor of `relative_mae`, as much smaller or larger as these rows are easier or harder.

    The error of the best predictor that learns nothing tells how hard they are.
    """
    hidden = material.hidden
    if not np.issubdtype(hidden.targets.dtype, np.floating) or not material.trivial:
        return hidden.baseline
    off = [_errors(np.asarray(each), hidden.targets) for each in material.trivial.values()]
    best = min(off, key=lambda each: float(each.mean()))
    whole = float(best.mean())
    return hidden.baseline * float(best[rows].mean()) / whole if whole else hidden.baseline


def _errors(forecast: Array, targets: Array) -> NDArray[np.float64]:
    """The mean absolute error of each row."""
    off = np.abs(forecast.reshape(targets.shape).astype(np.float64) - targets)
    return np.asarray(off.reshape(len(off), -1).mean(axis=1))
