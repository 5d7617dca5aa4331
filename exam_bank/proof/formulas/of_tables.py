"""What can be said about a value without training: a middle, or a multiple of a column."""

from collections.abc import Iterator, Mapping
from itertools import combinations, permutations

import numpy as np

from exam_bank.material import Array

Members = Mapping[str, Array]


def families(inputs: Array, targets: Array, asked: Array) -> dict[str, Members]:
    """Values (n, outputs) for the rows `asked` (n, columns), learnt from `inputs` and `targets`."""
    shown = np.asarray(inputs, dtype=np.float64)
    wanted = np.asarray(asked, dtype=np.float64)
    targets = targets.reshape(len(targets), -1)
    shape = (len(asked), targets.shape[1])
    return {
        "mean": {"of all": np.broadcast_to(targets.mean(axis=0), shape)},
        "median": {"of all": np.broadcast_to(np.median(targets, axis=0), shape)},
        "one column": _scaled(targets, zip(_columns(shown), _columns(wanted), strict=True)),
        "two columns": _scaled(targets, zip(_joined(shown), _joined(wanted), strict=True)),
    }


def _columns(rows: Array) -> Iterator[tuple[str, Array]]:
    for place, column in enumerate(rows.T, 1):
        yield f"column {place}", column


def _joined(rows: Array) -> Iterator[tuple[str, Array]]:
    """The quotient and product of every two columns."""
    for a, b in permutations(range(rows.shape[1]), 2):
        divisor = np.where(rows[:, b] == 0, np.inf, rows[:, b])
        yield f"column {a + 1} / {b + 1}", rows[:, a] / divisor
    for a, b in combinations(range(rows.shape[1]), 2):
        yield f"column {a + 1} · {b + 1}", rows[:, a] * rows[:, b]


def _scaled(
    targets: Array, columns: Iterator[tuple[tuple[str, Array], tuple[str, Array]]]
) -> Members:
    """Each column times a number, which the training rows give in three ways."""
    found = {}
    for (name, shown), (_, wanted) in columns:
        for way, factor in _factors(shown[:, None], targets).items():
            found[f"{name}, {way}"] = wanted[:, None] * factor
    return found


def _factors(column: Array, targets: Array) -> dict[str, Array]:
    there = np.abs(column[:, 0]) > 0
    if not there.any():
        return {}
    column, targets = column[there], targets[there]
    total = float(column.sum())
    found = {
        "by the median": np.median(targets / column, axis=0),
        "by squares": (targets * column).sum(axis=0) / (column**2).sum(),
    }
    return found if abs(total) < 1e-9 else {"by sums": targets.sum(axis=0) / total, **found}
