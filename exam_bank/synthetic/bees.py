"""Wild bees measured by hand: a table of eight numbers a bee, of six species.

Every species comes in two forms (females and males, say), which nobody noted down and
which are as unlike as any two bees, so no plane separates the species: the borders bend
around twelve groups. The groups always lie the same way to one another, in a space that
no column shows directly; what a seed draws is how that space is turned into millimetres,
hertz and days, and which group belongs to which name. So all papers are equally hard, and
a model of one is worthless in another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic.drawing import shuffled_classes
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import rounded

SPECIES = ("forest", "garden", "heath", "meadow", "moss", "stone")
COLUMNS: Mapping[str, int] = {
    "wing_mm": 2,
    "tongue_mm": 2,
    "mass_mg": 1,
    "hair_um": 0,
    "hum_hz": 1,
    "warmth_c": 2,
    "day_of_year": 0,
    "height_m": 0,
}
"""The columns in the order of the contract, with their decimals."""

# Typical values, and what one step of the hidden space is worth: a share of the value in
# the first five columns, which are never negative, an amount in the others.
_TYPICAL = np.array([11.0, 7.5, 210.0, 1300.0, 190.0, 33.0, 178.0, 900.0])
_STEP = np.array([0.07, 0.11, 0.16, 0.12, 0.08, 1.4, 13.0, 75.0])
_SHARES = 5
_WITH_SIZE = np.array([1.0, 1.0, 1.0, 1.0, -1.0, 1.0, -1.0, 1.0])  # big bees hum low, fly early

# Twelve corners of a five-dimensional cube, any two at least two edges apart. Rows 2k and
# 2k + 1 are the forms of one species: four edges apart, the farthest there is.
_GROUPS = np.array(
    [
        [0, 0, 0, 0, 0], [1, 1, 1, 1, 0],
        [1, 1, 0, 0, 0], [0, 0, 1, 1, 0],
        [1, 0, 1, 0, 0], [0, 1, 0, 0, 1],
        [0, 0, 1, 0, 1], [1, 1, 0, 1, 1],
        [1, 0, 0, 1, 0], [0, 1, 1, 1, 1],
        [0, 0, 0, 1, 1], [1, 1, 1, 0, 1],
    ],
    dtype=np.float64,
)  # fmt: skip
_WIDE = 0.60  # spread of a group; half an edge is 1
_CURVE = 0.35  # how much groups are bent like bananas
_IDLE = np.array([1.0, 1.4, 2.2])  # what tells nothing varies most: above all, size


@dataclass(frozen=True)
class Valley:
    """One seed's bees: how their hidden differences show in what is measured."""

    mixing: Floats
    typical: Floats
    order: NDArray[np.int64]

    @classmethod
    def draw(cls, rng: Rng) -> "Valley":
        """A valley; all are equally hard to tell bees apart in."""
        mixing = _rotation(rng, len(COLUMNS))
        mixing *= np.where(mixing[:, -1:] < 0, -1.0, 1.0) * _WITH_SIZE[:, None]
        typical = rounded(_TYPICAL * rng.uniform(0.85, 1.15, len(_TYPICAL)), 3)
        return cls(mixing, typical, rng.permutation(len(SPECIES)))

    def bees(self, rng: Rng, per_species: int) -> tuple[Floats, NDArray[np.uint8]]:
        """Measures (6 * per_species, 8) and species, as places in `SPECIES`."""
        labels = shuffled_classes(rng.child("order"), len(SPECIES), per_species)
        groups = 2 * self.order[labels] + rng.integers(0, 2, len(labels))
        return self._measured(_hidden_traits(rng, groups)), labels

    def _measured(self, traits: Floats) -> Floats:
        turned = (traits[:, None, :] * self.mixing).sum(axis=-1) * _STEP
        shares = self.typical[:_SHARES] * np.exp(turned[:, :_SHARES])
        amounts = self.typical[_SHARES:] + turned[:, _SHARES:]
        columns = np.concatenate([shares, amounts], axis=1).T
        pairs = zip(columns, COLUMNS.values(), strict=True)
        return np.stack([rounded(column, digits) for column, digits in pairs], axis=1)


def _hidden_traits(rng: Rng, groups: NDArray[np.int64]) -> Floats:
    """Traits (n, 8): five that tell the groups apart, three that only vary; size comes last."""
    n, wide = len(groups), _GROUPS.shape[1]
    telling = 2 * _GROUPS[groups] - 1 + rng.normal(0, _WIDE, (n, wide))
    idle = rng.normal(0, 1.0, (n, len(COLUMNS) - wide))
    telling[:, :3] += _CURVE * (idle**2 - 1)
    return np.concatenate([telling, idle * _IDLE], axis=1)


def _rotation(rng: Rng, size: int) -> Floats:
    """A random rotation (size, size), rounded: rows made upright one by one."""
    rows: list[Floats] = []
    while len(rows) < size:
        row = rng.normal(0, 1, size)
        for other in rows:
            row = row - (row * other).sum() * other
        rows.append(row / np.sqrt((row * row).sum()))
    return rounded(np.stack(rows), 4)
