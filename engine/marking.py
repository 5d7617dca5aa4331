"""Turns a metric into points, and points into pass or fail. Pure.

The weights and the pass mark follow what takers of the real exam report: five tasks
of rising weight, and 90 of 100 to pass.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from exam_bank.proof.digits import counted

if TYPE_CHECKING:
    from exam_bank.task import MarkScheme

MAX_SCORE = 5
PASS_PERCENT = 90.0


def score(value: float, scheme: "MarkScheme") -> int:
    """The points (0 to 5) that a metric's `value` earns; NaN and infinity earn none.

    Decided on six digits, so that the last bits of a float decide nothing.
    """
    if not math.isfinite(value):
        return 0
    value = counted(value)
    thresholds = [counted(each) for each in scheme.thresholds]
    if scheme.direction == "higher":
        return sum(value >= threshold for threshold in thresholds)
    return sum(value <= threshold for threshold in thresholds)


def total_percent(scores: Mapping[str, int], weights: Mapping[str, float]) -> float:
    """The exam's total, 0 to 100, by the tasks' weights; a task without a score counts 0."""
    whole = sum(weights.values())
    if whole <= 0:
        return 0.0
    won = sum(weights[task] * scores.get(task, 0) / MAX_SCORE for task in weights)
    return 100.0 * won / whole


def passes(percent: float) -> bool:
    """Whether a total passes; rounding errors in the weighted sum never fail anyone."""
    return percent >= PASS_PERCENT - 1e-9
