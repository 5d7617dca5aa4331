"""What the app asks the process that compares weights, and what that answers: plain data.

Files have numbers here: no name of a person or a file enters that process's answers.
"""

from typing import Literal

import msgspec

Likeness = Literal["equal_weights", "near_weights", "permuted_weights"]


class WeightFile(msgspec.Struct, frozen=True):
    """One content: `owners` are the numbers of the people who handed it in for `task`."""

    path: str
    task: str
    owners: tuple[int, ...]
    limit_mb: float


class CompareWeights(msgspec.Struct, frozen=True):
    """Compare these files, those of one task with each other."""

    files: tuple[WeightFile, ...]


class WeightsRead(msgspec.Struct, frozen=True, tag="read"):
    """So many files are read."""

    done: int


class AlikePair(msgspec.Struct, frozen=True, tag="alike"):
    """The files of the numbers `one` and `other` have weights that are alike.

    `distance` is that of their weights, 0 for equal ones and about 1.4 for unrelated ones;
    `usual` is the median among the `models` of the same architecture, None where there are too
    few. `expected` bounds how many pairs of independent models among these would be as near.
    """

    one: int
    other: int
    likeness: Likeness
    distance: float
    usual: float | None
    models: int
    expected: float | None


class Compared(msgspec.Struct, frozen=True, tag="compared"):
    """All is compared; `unread` files could not be read, as grading says of them too."""

    files: int
    unread: int


WeightsAnswer = WeightsRead | AlikePair | Compared
