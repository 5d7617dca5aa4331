"""L-BFGS in numpy: enough for a logistic regression, without another library."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.floating]
Loss = Callable[[Vector], tuple[float, Vector]]
_KEPT = 8
_ENOUGH = 1e-4


def least(loss: Loss, start: Vector, steps: int) -> Vector:
    """An approximate minimum of `loss`, which returns a value and its gradient."""
    place = start
    value, slope = loss(place)
    pairs: list[tuple[Vector, Vector, float]] = []
    for _ in range(steps):
        move = _direction(slope, pairs)
        found = _along(loss, place, value, slope, move)
        if found is None:
            break
        there, lower, steeper = found
        change, bend = there - place, steeper - slope
        curve = float(change @ bend)
        if curve > 0:
            pairs = [*pairs, (change, bend, curve)][-_KEPT:]
        done = value - lower < 1e-7 * max(1.0, abs(lower))
        place, value, slope = there, lower, steeper
        if done:
            break
    return place


def _direction(slope: Vector, pairs: list[tuple[Vector, Vector, float]]) -> Vector:
    """The two-loop recursion of L-BFGS."""
    move = -slope
    shares = []
    for change, bend, curve in reversed(pairs):
        share = float(change @ move) / curve
        move = move - share * bend
        shares.append(share)
    if pairs:
        _, bend, curve = pairs[-1]
        move = move * (curve / float(bend @ bend))
    for (change, bend, curve), share in zip(pairs, reversed(shares), strict=True):
        move = move + (share - float(bend @ move) / curve) * change
    return move


def _along(
    loss: Loss, place: Vector, value: float, slope: Vector, move: Vector
) -> tuple[Vector, float, Vector] | None:
    """A backtracking line search: the first step that descends enough."""
    fall = float(slope @ move)
    if not fall < 0:
        return None
    length = 1.0
    for _ in range(25):
        there = place + length * move
        lower, steeper = loss(there)
        if lower <= value + _ENOUGH * length * fall:
            return there, lower, steeper
        length /= 2
    return None
