"""What changed between two models, by their layers. Pure.

A candidate who has handed in six models asks what the better one did differently; the
layers that inspection read are enough to answer.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

import msgspec

from engine.grading.protocol import ModelFacts
from engine.sitting.state.sitting import Submission


class Change(msgspec.Struct, frozen=True):
    """One layer in another's place; None where one was added or taken away."""

    before: str | None
    after: str | None


class Difference(msgspec.Struct, frozen=True):
    """How a model differs from submission `number`; `parameters` is how many more it has."""

    number: int
    changes: tuple[Change, ...]
    parameters: int | None

    @property
    def is_none(self) -> bool:
        """Whether the two are built alike: trained differently, perhaps."""
        return not self.changes and not self.parameters


def from_the_one_before(
    submission: Submission, submissions: Sequence[Submission]
) -> Difference | None:
    """How `submission` differs from the one before it of its task whose layers are known.

    None where there is none, or where its own layers are not known.
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
    """What a submission's model is made of; None where inspection did not come so far."""
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
