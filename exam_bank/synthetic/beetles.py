"""Flour beetles in jars: counts that leap from one census to the next, and not by chance.

Crowded beetles eat their own eggs, so the next census hangs on the last two as a steep
hump and not as a line: the populations swing without a period. How generous a jar's food
is nobody writes down; it shows in what the jar did so far, which rewards a memory.
"""

from dataclasses import dataclass

import numpy as np

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import rounded

_LUCK = 0.08


@dataclass(frozen=True)
class Strain:
    """What differs between strains of beetles; every seed has one of its own."""

    births: float
    eaten: float
    crowding: float
    living: float

    @classmethod
    def draw(cls, rng: Rng) -> "Strain":
        """A strain between the same bounds for all seeds, so that all are equally hard."""
        low = np.array([29.0, 0.0105, 0.0041, 0.23])
        high = np.array([34.0, 0.0118, 0.0049, 0.28])
        return cls(*rounded(low + (high - low) * rng.uniform(size=4), 5).tolist())

    def expected(self, before: Floats, now: Floats, food: Floats) -> Floats:
        """The median of the next census after `before` and `now`, in jars with `food`."""
        eaten = (self.eaten * now + self.crowding * before) / food
        return np.asarray(self.living * now + self.births * before * np.exp(-eaten))


def jars(strain: Strain, rng: Rng, n: int, censuses: int) -> tuple[Floats, Floats]:
    """Counts (n, censuses) of `n` jars from their founding on, and each one's median.

    The first two censuses are alike: founders that were put into fresh flour.
    """
    food = rng.child("food").uniform(0.7, 1.4, n)
    before = now = rounded(rng.child("founders").uniform(40.0, 160.0, n), 0)
    luck = np.exp(_LUCK * rng.child("luck").normal(size=(censuses - 1, n)))
    counts, medians = [now], [now]
    for lucky in luck:
        medians.append(strain.expected(before, now, food))
        before, now = now, np.maximum(rounded(medians[-1] * lucky, 0), 2.0)
        counts.append(now)
    return np.stack(counts, axis=1), np.stack(medians, axis=1)
