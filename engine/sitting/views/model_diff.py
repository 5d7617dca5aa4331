"""What changed between two models, by their layers. Pure.

A candidate with six submissions wants to know what the better one did differently; the
layers that inspection read are enough to answer.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

import msgspec

from engine.grading.protocol import ModelFacts
from engine.sitting.state.sitting import Submission


class Change(msgspec.Struct, frozen=True):
    """One layer in place of another; None on the side where there is none."""

    before: str | None
    after: str | None


class Difference(msgspec.Struct, frozen=True):
    """How a model differs from submission `number`; `parameters` is how many more it has."""

    number: int
    changes: tuple[Change, ...]
    parameters: int | None

    @property
    def is_none(self) -> bool:
        """Whether both are built alike; only the training may differ."""
        return not self.changes and not self.parameters


def from_the_one_before(
    submission: Submission, submissions: Sequence[Submission]
) -> Difference | None:
    """How `submission` differs from the previous one of its task with known layers.

    None if there is none, or if its own layers are unknown.
    """
    facts = facts_of(submission)
    earlier = [
        each
        for each in submissions
        if each.task == submission.task and each.number < submission.number and facts_of(each)
    ]
    if facts is None or not earlier:
        return None
    before = facts_of(earlier[-1])
    assert before is not None
    return Difference(
        number=earlier[-1].number,
        changes=tuple(_changes(before.layers, facts.layers)),
        parameters=_more(before.parameters, facts.parameters),
    )


def facts_of(submission: Submission) -> ModelFacts | None:
    """The structure of a submission's model; None if inspection did not get that far."""
    grade = submission.grade
    return grade.model if grade is not None and grade.model.layers else None


def _more(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, start, end, other_start, other_end in matcher.get_opcodes():
        if what != "equal":
            pairs = zip_longest(before[start:end], after[other_start:other_end])
            yield from (Change(old, new) for old, new in pairs)
