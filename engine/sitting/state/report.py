"""`result.toml`: the result of a sitting, for programs and for people in years to come.

Everything in it follows from the journal; it is written so that nobody needs tfexam to
read it. It contains the paper's code only once the sitting is over: the code recreates the
paper with its hidden sets, so nobody may see it earlier.
"""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from engine.errors import SittingError
from engine.files import said, write_atomically
from engine.grading.protocol import Grade, verdict_of
from engine.marking import MAX_SCORE, PASS_PERCENT
from engine.sitting.state.events import EndReason
from engine.sitting.state.sitting import Kind, Mode, Phase, Sitting, Submission
from exam_bank.paper import PaperTask
from exam_bank.phrase import phrase
from exam_bank.printable import ascii_escaped
from exam_bank.safe_files import LARGEST_KEPT, UNDECODABLE, read_small
from exam_bank.task import Level

FILE_NAME = "result.toml"


class TaskReport(msgspec.Struct, frozen=True, kw_only=True):
    """One task of the paper: its best score, and the submission that earned it.

    `best_seconds` is exam time, `best_at` the wall time at which the model was submitted;
    `spent_seconds` is the exam time spent on the task.
    `verdicts` counts every graded submission by its verdict. `hints` (how many were seen) and
    `given_up` are left out where there is nothing to tell, as in all earlier sittings.
    """

    category: int
    task: str
    weight: float
    score: int
    max_score: int = MAX_SCORE
    attempts: int
    verdicts: dict[str, int]
    sha256: str | None = None
    best_seconds: float | None = None
    best_at: datetime | None = None
    spent_seconds: float = 0.0
    hints: int | UnsetType = UNSET
    given_up: bool | UnsetType = UNSET


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a sitting. Percent and weights are out of 100; seconds are exam time.

    A sitting from before there were levels has no `level`. `extra_time` multiplies `minutes`;
    `whole_seconds` is the length if it is not just `minutes`. While a blind sitting goes on,
    `withheld` is true, and scores, verdicts and total tell nothing. `waiting` counts the
    submissions of an ended sitting that are not graded yet: until then nothing is final.
    """

    format_version: Literal[1] = 1
    sitting: str
    kind: Kind
    mode: Mode
    level: Level | UnsetType = UNSET
    code: str
    tfexam_version: str
    created: datetime
    minutes: float
    extra_time: float | UnsetType = UNSET
    whole_seconds: float | UnsetType = UNSET
    used_seconds: float
    ended_by: EndReason | None = None
    percent: float
    pass_percent: float = PASS_PERCENT
    passed: bool
    tasks: tuple[TaskReport, ...]
    withheld: bool | UnsetType = UNSET
    waiting: int | UnsetType = UNSET

    @property
    def length(self) -> float:
        """The length of the sitting in seconds."""
        return self.whole_seconds or self.minutes * 60.0


def result(sitting: Sitting) -> Report:
    """The result of `sitting` so far; final once it has ended and nothing waits."""
    sitting = sitting.as_shown()
    record = sitting.record
    return Report(
        sitting=record.id,
        kind=record.kind,
        mode=record.mode,
        level=record.paper.stated_level,
        code=record.paper.code if sitting.phase is Phase.ENDED else "",
        tfexam_version=record.tfexam_version,
        created=record.created.utc(),
        minutes=record.minutes,
        extra_time=record.extra_time if record.extra_time != 1 else UNSET,
        whole_seconds=sitting.seconds if sitting.seconds != record.minutes * 60 else UNSET,
        used_seconds=round(sitting.elapsed, 1),
        ended_by=sitting.end_reason,
        percent=round(sitting.percent, 2),
        passed=sitting.passed,
        tasks=tuple(_task(sitting, each) for each in record.paper.tasks),
        withheld=sitting.withheld or UNSET,
        waiting=(len(sitting.unfinished) if sitting.phase is Phase.ENDED else 0) or UNSET,
    )


def _task(sitting: Sitting, task: PaperTask) -> TaskReport:
    submissions = sitting.of(task.task)
    best = sitting.winner(task.task)
    return TaskReport(
        category=task.category,
        task=task.task,
        weight=task.weight,
        score=(best.score if best else None) or 0,
        attempts=sitting.attempts(task.task),
        verdicts=dict(sorted(Counter(map(verdict_of, _grades(submissions))).items())),
        sha256=best.sha256 if best else None,
        best_seconds=round(best.elapsed, 1) if best else None,
        best_at=best.at.utc() if best else None,
        spent_seconds=round(sitting.spent.get(task.task, 0.0), 1),
        hints=sitting.hints.get(task.task, UNSET),
        given_up=task.task in sitting.given_up or UNSET,
    )


def _grades(submissions: tuple[Submission, ...]) -> list[Grade]:
    return [each.grade for each in submissions if each.grade is not None]


def write(folder: Path, report: Report) -> Path:
    """Write `result.toml` into the sitting's `folder`, completely or not at all.

    Raises `SittingError`, naming the file, when it cannot be written.
    """
    path = folder / FILE_NAME
    try:
        write_atomically(path, to_toml(report).encode())
    except OSError as error:
        raise SittingError(
            phrase("{path} cannot be written: {error}.", path=path, error=said(error)),
            fix=phrase("Nothing is lost: `tfexam report` rebuilds it from the journal."),
        ) from error
    return path


def read(folder: Path) -> Report:
    """The report of the sitting in `folder`; raises `SittingError` if there is no valid one."""
    path = folder / FILE_NAME
    try:
        return msgspec.toml.decode(read_small(path, LARGEST_KEPT), type=Report)
    except OSError as error:
        raise SittingError(
            phrase("{path} cannot be read: {error}.", path=path, error=said(error))
        ) from error
    except UNDECODABLE as error:
        raise SittingError(phrase("{path} is damaged: {error}.", path=path, error=error)) from error


def to_toml(report: Report) -> str:
    """The report as TOML; unknown values are left out, since TOML has no null."""
    plain = msgspec.to_builtins(report, builtin_types=(datetime,))
    return msgspec.toml.encode(_without_none(plain)).decode()


def to_json(report: Report) -> str:
    """The report as one line of JSON."""
    return ascii_escaped(msgspec.json.encode(report).decode())


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_without_none(each) for each in value]
    return value
