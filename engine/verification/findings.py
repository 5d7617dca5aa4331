"""Checks what the files of a sitting alone tell: whether they can be so, and fit together.

Only reads: nothing is graded and no code of a task runs.
"""

import math
from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import BankError, PaperCodeError, TfexamError
from engine.grading.protocol import Cancelled, Grade, Graded, GraderFailed, verdict_of
from engine.sitting.state import report
from engine.sitting.state.sitting import Phase, Sitting, SittingRecord
from engine.sitting.store.chain import chain_in
from engine.sitting.store.journal import NAME, read_events, restored
from engine.sitting.store.record import RECORD, read_record, submission_file
from engine.verification.bundle import winners_of
from exam_bank.catalog import Catalog
from exam_bank.paper import from_code
from exam_bank.phrase import phrase
from exam_bank.safe_files import sha256_of

Topic = Literal["journal", "chain", "end", "paper", "models", "result", "hidden sets", "grades"]
# Another processor may round differently; a score never moves by so little.
_ROUNDING = 1e-3


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was checked: `ok`, or what differs; None for what could not be checked."""

    topic: Topic
    ok: bool | None
    says: str


def read(folder: Path) -> tuple[Sitting | None, list[Finding]]:
    """The state that record and journal in `folder` lead to, and whether they can be so."""
    try:
        record = read_record(folder)
        happened = read_events(folder / NAME)  # a missing end is a finding of its own
        sitting = restored(record, happened.events, folder / NAME)
    except TfexamError as error:
        return None, [Finding(topic="journal", ok=False, says=error.message)]
    says = phrase("{n} events, a history that can have happened", n=len(happened.events))
    return sitting, [Finding(topic="journal", ok=True, says=says), _chain(folder), _end(sitting)]


def _chain(folder: Path) -> Finding:
    found = chain_in(folder / NAME, folder / RECORD)
    match found.state:
        case "whole":
            return Finding(
                topic="chain", ok=True, says=phrase("every line follows from the others")
            )
        case "none":
            says = phrase(
                "no chain: an earlier tfexam wrote this journal, or somebody took it away"
            )
            return Finding(topic="chain", ok=None, says=says)
        case "part":
            says = phrase(
                "no chain before line {line}: an earlier tfexam began it", line=found.line
            )
            return Finding(topic="chain", ok=None, says=says)
        case _:
            says = phrase(
                "line {line} does not follow from the lines before it and the record: something "
                "was changed, dropped or moved",
                line=found.line,
            )
            return Finding(topic="chain", ok=False, says=says)


def _end(sitting: Sitting) -> Finding:
    if sitting.phase is not Phase.ENDED or sitting.unfinished:
        says = phrase("it has not ended, or a model still waits for its grade")
        return Finding(topic="end", ok=False, says=says)
    return Finding(topic="end", ok=True, says=phrase("it has ended, and every model is graded"))


def paper(record: SittingRecord, catalog: Catalog) -> Finding:
    """Whether the paper's code gives the tasks, seeds and weights of the record."""
    if not record.paper.code:
        return _practice(record, catalog)
    try:
        same = from_code(catalog, record.paper.code) == record.paper
    except PaperCodeError as error:
        return Finding(topic="paper", ok=False, says=error.message)
    if same:
        return Finding(topic="paper", ok=True, says=phrase("the code gives these tasks and seeds"))
    says = phrase("the code {code} gives other tasks, seeds or weights", code=record.paper.code)
    return Finding(topic="paper", ok=False, says=says)


def _practice(record: SittingRecord, catalog: Catalog) -> Finding:
    try:
        for each in record.paper.tasks:
            catalog.task(each.task)
    except BankError as error:
        return Finding(topic="paper", ok=False, says=error.message)
    says = phrase("a practice has no code: the seeds are those that its record names")
    return Finding(topic="paper", ok=True, says=says)


def models(folder: Path, sitting: Sitting) -> Finding:
    """Whether each winner's file is there, and each file has the bytes that the journal names."""
    winners = winners_of(sitting)
    submitted = {each.sha256: each.task for each in sitting.submissions}
    for sha256, task in submitted.items():
        path = submission_file(folder, sha256)
        if not path.is_file():
            if winners.get(task) == sha256:
                return _model(phrase("the model of {task} is missing", task=task))
        elif sha256_of(path) != sha256:
            says = phrase("a model of {task} is not the one that was submitted", task=task)
            return _model(says)
    says = phrase("each is the one that was submitted ({n})", n=len(winners))
    return Finding(topic="models", ok=True, says=says)


def _model(says: str) -> Finding:
    return Finding(topic="models", ok=False, says=says)


def result(folder: Path, sitting: Sitting) -> Finding:
    """Whether `result.toml` says what follows from the journal."""
    try:
        told = report.read(folder)
    except TfexamError as error:
        return Finding(topic="result", ok=False, says=error.message)
    true = report.result(sitting)
    for said, follows in zip(told.tasks, true.tasks, strict=False):
        if said.score != follows.score:
            says = phrase(
                "result.toml says {said}/5 for {task}; by the journal it is {score}/5",
                said=said.score,
                task=follows.task,
                score=follows.score,
            )
            return Finding(topic="result", ok=False, says=says)
        if said.sha256 != follows.sha256:
            says = phrase("result.toml names another model of {task} as the best", task=said.task)
            return Finding(topic="result", ok=False, says=says)
    if _plain(told) != _plain(true):
        says = phrase("result.toml does not follow from the journal")
        return Finding(topic="result", ok=False, says=says)
    return Finding(topic="result", ok=True, says=phrase("it follows from the journal"))


def _plain(told: report.Report) -> dict[str, object]:
    """A report without what an earlier tfexam did not write."""
    return {
        "sitting": told.sitting,
        "code": told.code,
        "percent": told.percent,
        "passed": told.passed,
        "used": told.used_seconds,
        "ended": told.ended_by,
        "tasks": [(each.task, each.score, each.attempts, each.weight) for each in told.tasks],
    }


def regraded(task: str, was: Grade, now: Grade) -> Finding | None:
    """What differs between the grade in the journal and the one given now; None if nothing."""
    if isinstance(now, Cancelled | GraderFailed):
        says = phrase("{task} could not be graded: {why}", task=task, why=now.message.text())
        return Finding(topic="grades", ok=None, says=says)
    if not isinstance(now, Graded):
        says = phrase(
            "graded again, the model of {task} is {verdict}: {why}",
            task=task,
            verdict=verdict_of(now),
            why=now.message.text(),
        )
        return Finding(topic="grades", ok=False, says=says)
    if not isinstance(was, Graded) or was.score != now.score:
        says = phrase(
            "{task}: the journal says {was}/5, but this model gets {now}/5",
            task=task,
            was=was.score if isinstance(was, Graded) else 0,
            now=now.score,
        )
        return Finding(topic="grades", ok=False, says=says)
    if was.is_score_only:
        return None
    if not _close(was.metric.value, now.metric.value) or was.metric.n != now.metric.n:
        says = phrase(
            "{task}: the journal says {name} {was}, but this model has {now}",
            task=task,
            name=now.metric.name,
            was=f"{was.metric.value} (n = {was.metric.n})",
            now=f"{now.metric.value} (n = {now.metric.n})",
        )
        return Finding(topic="grades", ok=False, says=says)
    return None


def _close(was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return was is now
    return math.isclose(was, now, rel_tol=_ROUNDING, abs_tol=_ROUNDING**2)
