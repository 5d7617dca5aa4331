"""How many examples a draw from the hidden set needs to be fair, if it can be. Pure.

A draw is fair when the score depends little on which examples it happens to hold: a model one
percentage point better than the threshold of 5/5 must not miss it in more than a tenth of its
draws, and one a point below must not reach it more often. Both are exact sums, since a draw
without replacement holds a hypergeometric number of right answers. Where even three quarters of
the hidden set are too few, a draw would be the whole set in all but name: then there is none.
"""

import functools
import math
from typing import NamedTuple

POINT, MAY_MISS = 0.01, 0.1
LARGEST_SHARE = 0.75
# Chance of what lies further from the mean than this many deviations is nothing.
_FAR = 8.0


class Luck(NamedTuple):
    """How often a model a point above 5/5 misses it, and one a point below reaches it."""

    misses: float
    reaches: float

    @property
    def fair(self) -> bool:
        """Whether both are rare enough."""
        return max(self) <= MAY_MISS


@functools.cache
def draw_size(count: int, full: float) -> int | None:
    """The smallest fair draw from `count` examples, if 5/5 takes the share `full` right.

    None if there is none: then the whole set is measured.
    """
    largest = math.floor(LARGEST_SHARE * count)
    for size in range(_first_guess(count, full), largest + 1):
        if luck(count, size, full).fair:
            return size
    return None


def luck(count: int, size: int, full: float) -> Luck:
    """How much chance decides in draws of `size` of `count` examples."""
    # 0.9 * 1000 is a little above 900 in binary.
    needed = math.ceil(full * size - 1e-9)
    above = min(count, math.ceil((full + POINT) * count - 1e-9))
    below = max(0, math.floor((full - POINT) * count + 1e-9))
    return Luck(1 - _at_least(needed, count, above, size), _at_least(needed, count, below, size))


def _first_guess(count: int, full: float) -> int:
    """Below the size that a normal distribution asks for."""
    alone = full * (1 - full) * (1.2816 / POINT) ** 2
    return max(1, math.floor(0.9 * count * alone / (count + alone))) if alone > 0 else 1


def _at_least(needed: int, count: int, right: int, size: int) -> float:
    """The chance that `size` of `count` examples, `right` of them right, hold `needed` right."""
    share = right / count
    middle = size * share
    width = _FAR * math.sqrt(size * share * (1 - share) * (count - size) / max(1, count - 1)) + 2
    low = max(needed, 0, size - (count - right), math.floor(middle - width))
    high = min(size, right, math.ceil(middle + width))
    whole = _ways(count, size)
    chances = (_ways(right, k) + _ways(count - right, size - k) for k in range(low, high + 1))
    return min(1.0, math.fsum(math.exp(each - whole) for each in chances))


def _ways(n: int, k: int) -> float:
    """The logarithm of "n choose k"."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
