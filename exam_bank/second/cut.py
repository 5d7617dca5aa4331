"""Cuts the hidden set of real data in two parts that are alike and share nothing."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from exam_bank.material import Array, HiddenSet, Material
from exam_bank.second.rows import Rows, new_rows, taken
from exam_bank.synthetic.rng import Rng

_REPEATS = 8
# The longest horizon of a window, in lengths of its input, with the input itself.
_SPANS, _LARGEST_GAP = 3, 0.2


def cut(material: Material, seed: int, part: Literal["first", "second"]) -> Material:
    """One part of the hidden set of real data; `seed` decides the cut."""
    first, second = _parts(material.hidden, seed)
    if part == "first":
        return taken(material, first)
    inputs = material.hidden.inputs
    return taken(material, second[new_rows(inputs[second], inputs[first])])


def _parts(hidden: HiddenSet, seed: int) -> tuple[Rows, Rows]:
    targets = np.asarray(hidden.targets)
    if np.issubdtype(targets.dtype, np.floating) and hidden.inputs.ndim == 3:
        return _in_time(np.asarray(hidden.inputs), targets)
    return _in_pairs(targets, Rng(seed, "second set"))


def _in_time(inputs: Array, targets: Array) -> tuple[Rows, Rows]:
    """The windows at both ends, and as many in the middle; those in between overlap both.

    So neither a trend nor a time of the year is in one part only.
    """
    repeats = _repeats_of(targets)
    length = len(targets) // repeats
    past = inputs.shape[1]
    gap = min(-(-_SPANS * past // _stride_of(inputs)), int(_LARGEST_GAP * length))
    quarter = (length - 2 * gap) // 4
    starts = np.arange(repeats, dtype=np.int64)[:, None] * length
    ends = np.r_[0:quarter, length - quarter : length]
    middle = np.arange(quarter + gap, 3 * quarter + gap)
    return (starts + ends).ravel(), (starts + middle).ravel()


def _stride_of(inputs: Array) -> int:
    """How many steps of time a window begins after the one before it; 1 if that is not seen."""
    past = inputs.shape[1]
    steps = (
        each for each in range(1, past) if (inputs[0, each:] == inputs[1, : past - each]).all()
    )
    return next(steps, 1)


def _repeats_of(targets: Array) -> int:
    """How often the same windows follow one another: a task may note one series in several ways."""
    for repeats in range(_REPEATS, 1, -1):
        if len(targets) % repeats == 0:
            runs = targets.reshape(repeats, len(targets) // repeats, -1)
            if (runs == runs[:1]).all():
                return repeats
    return 1


def _in_pairs(targets: Array, rng: Rng) -> tuple[Rows, Rows]:
    """Two parts with the same answers: of each two neighbours by answer, one is in each part."""
    answer = targets.reshape(len(targets), -1).astype(np.float64).mean(axis=1)
    order = rng.child("order").permutation(len(targets))
    order = order[np.argsort(answer[order], kind="stable")]
    even, odd = order[: len(order) // 2 * 2].reshape(-1, 2).T
    swap = rng.child("coins").uniform(size=len(even)) < 0.5
    first: NDArray[Any] = np.where(swap, odd, even)
    first = np.append(first, order[len(even) * 2 :])
    return np.sort(first), np.sort(np.where(swap, even, odd))
