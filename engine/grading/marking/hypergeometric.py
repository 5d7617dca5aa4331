"""How many hits a draw without replacement holds: exact shares, and numbers drawn by them.

numpy draws such numbers too, at a microsecond each, which for 20,000 draws of ten classes costs
more than a whole grading of a small table.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from exam_bank.material import Array

DRAWS = 20_000
# What comes less often than this changes no chance that anybody reads.
_NEVER = 1e-12


class HitCounts(NamedTuple):
    """The numbers of hits that a draw can hold, in rising order, and how often it holds each."""

    numbers: Array
    shares: Array


def hit_counts(hits: int, among: int, drawn: int) -> HitCounts:
    """What `drawn` of `among` examples hold of the `hits`.

    Each share follows from the one before it, which needs no factorial.
    """
    numbers = np.arange(max(0, drawn - (among - hits)), min(hits, drawn) + 1)
    k = numbers[:-1].astype(np.float64)
    up, down = (hits - k) * (drawn - k), (k + 1) * (among - hits - drawn + k + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(up) - np.log(down))])
    shares = np.exp(logs - logs.max())
    kept = shares > _NEVER * shares.sum()
    return HitCounts(numbers[kept], shares[kept] / shares[kept].sum())


def summed(counts: Sequence[HitCounts]) -> HitCounts:
    """What independent draws hold together."""
    first, shares = 0, np.ones(1)
    for numbers, each in counts:
        first, shares = first + int(numbers[0]), np.convolve(shares, each)
    return HitCounts(first + np.arange(len(shares)), shares)


def sampled(counts: Sequence[HitCounts]) -> Array:
    """`DRAWS` independent draws of each (draws, draws from), the same ones every time."""
    rng = np.random.default_rng(0)
    places = [
        np.searchsorted(np.cumsum(shares)[:-1], rng.random(DRAWS), side="right")
        for _, shares in counts
    ]
    return np.stack([n[at] for (n, _), at in zip(counts, places, strict=True)], axis=1)
