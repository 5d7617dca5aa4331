"""How much luck there would be in a score, had only a part of the hidden set been measured.

The real exam measures each submission on a different part of its hidden data. What such draws
would give follows from the answers at hand, without predicting anything again. Where answers are
right or wrong, a draw holds a hypergeometric number of right ones of each class. A mean error over
half of the examples is spread nearly normally, and evenly to both sides, since what one half has
too much the other has too little.
"""

import bisect
import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine import marking
from engine.grading.evidence import FlipRisk
from engine.grading.marking.hypergeometric import hit_counts, sampled, summed
from engine.grading.sampling import quotas_of, size_of_draw
from exam_bank.material import Array
from exam_bank.task import ERRORS, MarkScheme

SURE = 0.95
_SURE_DEVIATIONS = 1.6449
_STEPS = 40


class Size(NamedTuple):
    """How many of how many examples a draw holds, and whether such a draw is fair."""

    drawn: int
    of: int
    fair: bool


class DrawLuck(NamedTuple):
    """What draws give: the chance of each score, and the move that makes a mark nearly sure."""

    chances: tuple[float, ...]
    move: Callable[[float], float | None]


def draw_of(targets: Array, scheme: MarkScheme) -> Size:
    """The draw from a set with these `targets`; half of it where there is no fair one."""
    fair = size_of_draw(targets, scheme)
    return Size(fair or max(1, len(targets) // 2), len(targets), fair is not None)


def flip_risk(luck: DrawLuck, size: Size, scheme: MarkScheme, score: int) -> FlipRisk:
    """The flip risk of a model whose whole metric earns `score`."""
    at_least = [sum(luck.chances[points:]) for points in range(marking.MAX_SCORE + 1)]

    def move(points: int) -> float | None:
        return 0.0 if at_least[points] >= SURE else luck.move(scheme.thresholds[points - 1])

    zero, one, two, three, four, five = (round(each, 4) for each in luck.chances)
    return FlipRisk(
        size=size.drawn,
        of=size.of,
        chances=(zero, one, two, three, four, five),
        fair=size.fair,
        hold=move(score) if score else None,
        full=move(marking.MAX_SCORE),
    )


# -- answers that are right or wrong -------------------------------------------------------------


class Tally(NamedTuple):
    """Of each class of the set: its number, how many there are, are right, are called class 1."""

    classes: Array
    counts: Array
    right: Array
    called: Array

    def times(self, factor: float) -> "Tally":
        """The tally of a set that is this much larger, for a part that stands for the whole."""
        counts = np.rint(self.counts * factor).astype(np.int64)
        right, called = (
            np.minimum(np.rint(each * factor).astype(np.int64), counts)
            for each in (self.right, self.called)
        )
        return Tally(self.classes, counts, right, called)


def tally(named: Array, targets: Array) -> Tally:
    """What was named for each class; both have shape (n,)."""
    classes, places = np.unique(targets, return_inverse=True)
    count = len(classes)
    return Tally(
        classes,
        np.bincount(places, minlength=count),
        np.bincount(places, weights=named == targets, minlength=count).astype(np.int64),
        np.bincount(places, weights=named == 1, minlength=count).astype(np.int64),
    )


class Spread(NamedTuple):
    """What draws give: values in rising order, and how often each comes, as a share."""

    values: Array
    shares: Array


def luck_of_classes(found: Tally, drawn: int, scheme: MarkScheme) -> DrawLuck:
    """What draws of `drawn` examples give, each class in proportion."""
    hits = found.called if scheme.metric == "f1" else found.right
    whole = float(_VALUES[scheme.metric](found.classes, found.counts, hits[None, :])[0])
    spread = _spread(found, hits, quotas_of(found.counts, drawn), scheme)
    below = int(np.searchsorted(np.cumsum(spread.shares), 1 - SURE))
    low = whole - float(spread.values[min(below, len(spread.values) - 1)])

    def move(threshold: float) -> float | None:
        return _gain(whole, low, threshold)

    return DrawLuck(_chances(spread, scheme), move)


def _spread(found: Tally, hits: Array, quotas: Array, scheme: MarkScheme) -> Spread:
    """What draws give that take `quotas` of each class, of which `hits` are hits."""
    numbers = (each.tolist() for each in (hits, found.counts, quotas))
    counts = [hit_counts(*each) for each in zip(*numbers, strict=True)]
    if scheme.metric == "accuracy":  # the hits of the classes add up, so no luck is needed
        total, shares = summed(counts)
        return Spread(total / quotas.sum(), shares)
    values = np.sort(_VALUES[scheme.metric](found.classes, quotas, sampled(counts)))
    return Spread(values, np.full(len(values), 1 / len(values)))


def _chances(spread: Spread, scheme: MarkScheme) -> tuple[float, ...]:
    """How often each score comes: a better value never scores less, so five places tell it."""

    def score(value: float) -> int:
        return marking.score(float(value), scheme)

    points = range(1, marking.MAX_SCORE + 1)
    firsts = [bisect.bisect_left(spread.values, each, key=score) for each in points]
    up_to = np.concatenate([[0.0], np.cumsum(spread.shares)])
    return tuple(np.diff(up_to[[0, *firsts, len(spread.values)]]).tolist())


def _gain(whole: float, low: float, threshold: float) -> float | None:
    """How much better the metric must be, if draws fall short of it by `low` now.

    With fewer mistakes they spread less, as the root of their share.
    """

    def is_sure(value: float) -> bool:
        left = (1 - value) / (1 - whole) if whole < 1 else 0.0
        return value - low * math.sqrt(left) >= threshold

    if threshold > 1:
        return None
    under, over = whole, 1.0
    for _ in range(_STEPS):
        middle = (under + over) / 2
        under, over = (under, middle) if is_sure(middle) else (middle, over)
    return over - whole


def _accuracy(_: Array, sizes: Array, hits: Array) -> Array:
    return np.asarray(hits.sum(axis=1) / sizes.sum())


def _balanced(_: Array, sizes: Array, hits: Array) -> Array:
    there = sizes > 0
    return np.asarray((hits[:, there] / sizes[there]).mean(axis=1))


def _f1(classes: Array, sizes: Array, hits: Array) -> Array:
    ones = classes == 1
    total = hits.sum(axis=1) + sizes[ones].sum()
    return np.asarray(2 * hits[:, ones].sum(axis=1) / np.maximum(total, 1))


# The metric of sets with so many examples and hits of each class (sets, classes).
_VALUES = {"accuracy": _accuracy, "balanced_accuracy": _balanced, "f1": _f1}


# -- errors --------------------------------------------------------------------------------------


def luck_of_means(each: Array, size: Size, scheme: MarkScheme, divisor: float = 1.0) -> DrawLuck:
    """What draws of `size` give where the metric is the mean of what `each` example adds."""
    lower = scheme.metric in ERRORS
    values = each.astype(np.float64) / divisor
    values = values if lower else 1 - values
    mean = float(values.mean())
    left = max(0.0, 1 - size.drawn / size.of)
    spread = float(values.std()) * math.sqrt(left / size.drawn)
    reach = [_chance(mean, spread, at, lower=lower) for at in scheme.thresholds]
    at_least = [1.0, *reach, 0.0]
    chances = [high - low for high, low in itertools.pairwise(at_least)]

    def move(threshold: float) -> float | None:
        if not lower:
            return _gain(mean, _SURE_DEVIATIONS * spread, threshold)
        return threshold * mean / (mean + _SURE_DEVIATIONS * spread) - mean if mean else 0.0

    return DrawLuck(tuple(chances), move)


def _chance(mean: float, spread: float, threshold: float, *, lower: bool) -> float:
    """How often a normal number with this mean and spread reaches the threshold."""
    better = threshold - mean if lower else mean - threshold
    if spread <= 0:
        return 1.0 if better >= 0 else 0.0
    return 0.5 * (1 + math.erf(better / spread / math.sqrt(2)))
