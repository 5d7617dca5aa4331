"""What a class report is told beside the rows: diagnoses, first scores, and what to look at.

Whoever grades may know more than a row says. All of it is optional.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from engine.grading.diagnosis import Diagnoses
from engine.grading.protocol import Message


class ClassNote(msgspec.Struct, frozen=True, kw_only=True):
    """Something for the instructor to look at, with its figure in the sentence; no verdict.

    `people` are ids: for `same_work` all whose models are alike, for `two_sets` one who is far
    better on the hidden set of the code than on the one that counts.
    """

    kind: Literal["same_work", "two_sets"]
    people: tuple[str, ...]
    task: str
    says: Message


class ClassNotes(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.

    `diagnoses` are by SHA-256 and task. `first_scores` are by person and task: what the candidate
    saw, on the hidden set of the paper's code.
    """

    diagnoses: Mapping[tuple[str, str], Diagnoses] = {}
    first_scores: Mapping[tuple[str, str], int] = {}
    notes: tuple[ClassNote, ...] = ()
