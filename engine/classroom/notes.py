"""What a class report is told beside the rows: diagnoses, first scores, and what to look at.

Whoever grades may know more than a row says: it keeps that in `notes.json`. All of it is
optional.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from engine.classroom.results import write_table
from engine.classroom.rows import Row
from engine.errors import ClassError
from engine.grading.diagnosis import Diagnoses
from engine.grading.protocol import Message, Score
from engine.sitting.store.diagnoses import diagnoses_of
from exam_bank.phrase import phrase
from exam_bank.printable import ascii_escaped
from exam_bank.safe_files import LARGEST_KEPT, UNDECODABLE, read_small

NOTES = "notes.json"


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


class FirstScore(msgspec.Struct, frozen=True):
    """The score that a person saw for a task."""

    person: str
    task: str
    score: Score


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of `notes.json`."""

    format_version: Literal[1] = 1
    first_scores: tuple[FirstScore, ...] = ()
    notes: tuple[ClassNote, ...] = ()


def keep_notes(
    out: Path, first_scores: Iterable[FirstScore] = (), notes: Iterable[ClassNote] = ()
) -> None:
    """Write `notes.json` into a folder of results; raises `ClassError` when that fails."""
    kept = _Kept(first_scores=tuple(first_scores), notes=tuple(notes))
    write_table(out, NOTES, ascii_escaped(msgspec.json.encode(kept).decode()) + "\n")


def read_notes(out: Path, rows: Iterable[Row]) -> ClassNotes:
    """What lies in a folder of results beside its `rows`; a missing file tells nothing.

    Diagnoses are where a sitting has them, in the folder `diagnoses`. Raises `ClassError` for
    notes that cannot be read.
    """
    kept = _read(out / NOTES)
    wanted = {(each.sha256, each.task) for each in rows if each.sha256}
    found = ((key, diagnoses_of(out, *key)) for key in wanted)
    return ClassNotes(
        diagnoses={key: each for key, each in found if each is not None},
        first_scores={(each.person, each.task): each.score for each in kept.first_scores},
        notes=kept.notes,
    )


def _read(path: Path) -> _Kept:
    try:
        return msgspec.json.decode(read_small(path, LARGEST_KEPT), type=_Kept)
    except FileNotFoundError:
        return _Kept()
    except (OSError, *UNDECODABLE) as error:
        raise ClassError(
            phrase("{path} is damaged, or of a newer tfexam.", path=path),
            fix=phrase("Remove it: `tfexam class grade` makes it anew."),
        ) from error
