"""How sure a proof is: shares of seeds, what share is asked for, and its lower bound.

A solution that trains is a draw: over many seeds one run of it may fall out of its bounds
without the mark scheme being wrong. How many may is said here, and a share of few seeds is
told with the least that it may be in truth (Wilson's interval).
"""

import math
from collections.abc import Mapping, Sequence

FRESH = 100
"""Thresholds are placed on seeds below this one; those from it on are fresh."""

WANTED: Mapping[str, float] = {"course": 0.95, "decent": 0.95, "reference": 0.98}
"""The share of seeds that has to keep within its bounds, where that is not every one."""

# Of a normal variable: the middle 95 %.
_WIDE = 1.96


def held(kind: str, kept_within: Sequence[bool]) -> bool:
    """Whether enough seeds of a solution of this kind kept within its bounds."""
    return sum(kept_within) >= WANTED.get(kind, 1.0) * len(kept_within)


def lower_bound(hits: int, count: int) -> float:
    """The lower end of the 95 % interval of a share of which `hits` of `count` were seen."""
    if not count:
        return 0.0
    share, square = hits / count, _WIDE**2
    middle = share + square / (2 * count)
    spread = _WIDE * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return max(0.0, (middle - spread) / (1 + square / count))


def share_text(hits: int, count: int) -> str:
    """Such a share in a few words: "20 of 20 (at least 84 %)"."""
    return f"{hits} of {count} (at least {math.floor(100 * lower_bound(hits, count))} %)"
