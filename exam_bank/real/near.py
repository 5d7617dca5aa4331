"""Which rows nearly repeat others: a hidden row that does asks for memory, not for skill.

Fashion-MNIST holds pictures in its test part that its training part holds too, cut a
little otherwise; tables hold the same car twice. Distances are root mean squares over a
row's columns, so that one number means the same for 4 columns and for 784 pixels.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from exam_bank.material import Array
from exam_bank.synthetic.rng import Ints

Flags = NDArray[np.bool_]
Rows = NDArray[np.float32]

_AT_ONCE = 250
# Float rounding must not lose a pair that the exact distance would keep.
_SLACK = 1.01


def near(rows: Array, others: Array, within: float, *, sketch: int = 1) -> Flags:
    """Whether each of `rows` lies within `within` of one of `others`: (len(rows),).

    Rows of any shape are taken flat. `sketch` columns in a row are added up before rows
    are compared at all, which is what makes 60,000 pictures against 10,000 quick; it must
    divide the number of columns, and never changes the answer.
    """
    flat, flat_others = _flat(rows), _flat(others)
    found = np.zeros(len(flat), dtype=np.bool_)
    for mine, theirs in _candidates(_coarse(flat, sketch), _coarse(flat_others, sketch), within):
        apart = flat[mine].astype(np.float64) - flat_others[theirs]
        close = np.mean(apart * apart, axis=1) <= within * within
        found[mine[close]] = True
    return found


def distinct(rows: Array, within: float) -> Ints:
    """Places of the rows that no earlier row comes `within` of; for small tables."""
    flat = _flat(rows).astype(np.float64)
    kept: list[int] = []
    for place, row in enumerate(flat):
        apart = flat[kept] - row
        if not (np.mean(apart * apart, axis=1) <= within * within).any():
            kept.append(place)
    return np.array(kept, dtype=np.int64)


def _flat(rows: Array) -> Array:
    return np.asarray(rows).reshape(len(rows), math.prod(rows.shape[1:]))


def _coarse(flat: Array, sketch: int) -> Rows:
    """Sums of `sketch` columns over √sketch: never farther apart than the rows themselves."""
    parts = flat.reshape(len(flat), flat.shape[1] // sketch, sketch).sum(axis=2, dtype=np.float32)
    return np.asarray(parts / np.float32((sketch * flat.shape[1]) ** 0.5))


def _candidates(rows: Rows, others: Rows, within: float) -> Iterator[tuple[Ints, Ints]]:
    """Places (in rows, in others) of all pairs that may be close, some at a time."""
    squares = np.square(others).sum(axis=1)
    most = np.float32((within * _SLACK) ** 2) + np.float32(1e-6) * squares.max(initial=1.0)
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        apart = part @ others.T
        apart *= -2
        apart += squares
        apart += np.square(part).sum(axis=1)[:, None]
        mine, theirs = np.nonzero(apart <= most)
        yield mine + start, theirs
