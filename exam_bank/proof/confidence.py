"""How sure a proof is: the share of seeds in bounds, the share required, its lower bound.

Training is random: over many seeds a few runs may fall outside their bounds although the
mark scheme is right. This module says how many, and reports a share together with the
lower end of its confidence interval (Wilson's).
"""

import math
from collections.abc import Mapping, Sequence

FRESH = 100
"""Thresholds are placed on seeds below this one; those from it on are fresh."""

WANTED: Mapping[str, float] = {"course": 0.95, "best": 0.95, "decent": 0.95, "reference": 0.98}
"""The share of seeds that has to keep within its bounds, where that is not every one."""

# The middle 95 % of a normal distribution.
_WIDE = 1.96


def held(kind: str, kept_within: Sequence[bool]) -> bool:
    """Whether enough seeds of a solution of this kind stayed within bounds."""
    return sum(kept_within) >= WANTED.get(kind, 1.0) * len(kept_within)


def lower_bound(hits: int, count: int) -> float:
    """The lower end of the 95 % interval for a share, from `hits` in `count` tries."""
    if not count:
        return 0.0
    share, square = hits / count, _WIDE**2
    middle = share + square / (2 * count)
    spread = _WIDE * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return max(0.0, (middle - spread) / (1 + square / count))


def share_text(hits: int, count: int) -> str:
    """A share in a few words: "20 of 20 (at least 84 %)"."""
    return f"{hits} of {count} (at least {math.floor(100 * lower_bound(hits, count))} %)"
