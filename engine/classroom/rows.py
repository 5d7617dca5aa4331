"""A row: what became of one file of one person, or that a task has none.

Rows are lines of `results.jsonl`, which is public: scripts read it, reports are made from it.
Every key is always present, in this order; new keys come last and have a default.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from engine.classroom.people import FoundFile, Person
from engine.grading.answers import Answer
from engine.grading.protocol import (
    Grade,
    Graded,
    Message,
    Metric,
    Rejected,
    Runtime,
    score_of,
    sentences,
    verdict_of,
)
from engine.marking import MAX_SCORE
from exam_bank.printable import ascii_escaped
from exam_bank.task import Level

# The words of `verdict_of`, and two of our own: `missing`, a task without a file, scores 0;
# `unclaimed`, a file of nobody or of no task, has no score.
Verdict = Literal[
    "graded",
    "rejected",
    "timed_out",
    "out_of_memory",
    "crashed",
    "cancelled",
    "grader_failed",
    "missing",
    "unclaimed",
]
# Their grading may end otherwise the next time, so a run that goes on tries them again.
OURS = ("cancelled", "grader_failed")
NO_FILE = Message("No file was handed in for this task.")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What became of `file`, which `person` (an id, or empty) handed in for `task`.

    `score` is None where the grade says nothing about the file. `message` is English; `says`
    holds the same sentences for translation. `reason` is a rejection's stable word. `flags`
    are stable words: `late`, `other_name`, `changed`.
    """

    person: str
    task: str
    category: int
    file: str
    sha256: str
    verdict: Verdict
    score: int | None
    max_score: int = MAX_SCORE
    metric: Metric | None = None
    message: str = ""
    says: tuple[Message, ...] = ()
    reason: str = ""
    runtime: Runtime | None = None
    seconds: float = 0.0
    flags: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What no two rows share: person, task and file."""
        return self.person, self.task, self.file


def graded_row(found: FoundFile, sha256: str, grade: Grade) -> Row:
    """The row of `found`, whose bytes `sha256` got `grade`."""
    changed = bool(found.sha256 and sha256 and found.sha256 != sha256)
    says = sentences(grade)
    return Row(
        person=found.person,
        task=found.task,
        category=found.category,
        file=found.file,
        sha256=sha256 or found.sha256,
        verdict=msgspec.convert(verdict_of(grade), Verdict),
        score=score_of(grade),
        metric=grade.metric if isinstance(grade, Graded) else None,
        message=_plain(says),
        says=says,
        reason=grade.reason if isinstance(grade, Rejected) else "",
        runtime=grade.runtime,
        seconds=round(grade.seconds, 3),
        flags=(*found.flags, "changed") if changed else found.flags,
    )


def same_grade(found: FoundFile, row: Row) -> Row:
    """The row of `found`, whose bytes are those of `row` and for the same task."""
    return msgspec.structs.replace(
        row,
        person=found.person,
        file=found.file,
        flags=found.flags,
        seconds=0.0,
    )


def faulty_row(found: FoundFile) -> Row:
    """The row of a file that is not graded; it must have a fault."""
    assert found.fault is not None
    verdict = msgspec.convert(found.verdict, Verdict)
    return Row(
        person=found.person,
        task=found.task,
        category=found.category,
        file=found.file,
        sha256=found.sha256,
        verdict=verdict,
        score=0 if verdict == "rejected" else None,
        message=_plain((found.fault,)),
        says=(found.fault,),
        reason=found.reason,
        flags=found.flags,
    )


def missing_row(person: Person, task: str, category: int) -> Row:
    """The row of a task for which `person` handed in nothing."""
    return Row(
        person=person.id,
        task=task,
        category=category,
        file="",
        sha256="",
        verdict="missing",
        score=0,
        message=NO_FILE.text(),
        says=(NO_FILE,),
    )


def row_line(row: Row) -> str:
    """A row as JSON on one line, without its line end."""
    return ascii_escaped(msgspec.json.encode(row).decode())


def _plain(says: tuple[Message, ...]) -> str:
    return " ".join(each.text() for each in says)


def answers_of(rows: Iterable[Row], level: Level) -> list[Answer]:
    """The rows as answers of headless grading, for the forms of other systems.

    A file of nobody has none; what is missing is named by person and category.
    """
    return [
        Answer(
            file=each.file or f"{each.person}/Category{each.category}",
            sha256=each.sha256 or None,
            task=each.task,
            category=each.category,
            verdict=each.verdict,
            score=each.score,
            max_score=each.max_score,
            metric=each.metric,
            message=each.message,
            runtime=each.runtime,
            seconds=each.seconds,
            level=level,
        )
        for each in rows
        if each.verdict != "unclaimed"
    ]
