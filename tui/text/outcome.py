"""What a sitting came to, as the result screen shows it: a live one or one of the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.marking import MAX_SCORE

if TYPE_CHECKING:
    from engine.sitting.state.events import EndReason
    from engine.sitting.state.sitting import Kind, Sitting
    from exam_bank.paper import PaperTask
    from exam_bank.task import Task


@dataclass(frozen=True)
class TaskOutcome:
    """One task of the result.

    `weight` is in % of the whole, `spent` exam seconds on it, `best_at` the exam second at
    which its best score came in.
    """

    category: int
    title: str
    score: int
    weight: float
    attempts: int
    spent: float
    best_at: float | None

    @property
    def counts(self) -> float:
        """What it adds to the total, in %."""
        return self.weight * self.score / MAX_SCORE


@dataclass(frozen=True)
class Outcome:
    """A whole result; `pending` gradings can still change it. `used` in exam seconds."""

    kind: Kind
    code: str
    percent: float
    passed: bool
    tasks: tuple[TaskOutcome, ...]
    pending: int
    reason: EndReason | None
    used: float
    minutes: float
    workspace: str
    drawn: bool

    @property
    def elsewhere(self) -> float:
        """Exam seconds that were spent on no task."""
        return max(0.0, self.used - sum(each.spent for each in self.tasks))


def of_sitting(sitting: Sitting, tasks: Mapping[str, Task], language: str) -> Outcome:
    """The outcome of a sitting as it stands."""
    record = sitting.record
    whole = sum(record.paper.weights.values()) or 1.0
    return Outcome(
        kind=record.kind,
        code=record.paper.code,
        percent=sitting.percent,
        passed=sitting.passed,
        tasks=tuple(
            _of_task(sitting, each, title_of(each.task, tasks, language), whole)
            for each in record.paper.tasks
        ),
        pending=len(sitting.unfinished),
        reason=sitting.end_reason,
        used=sitting.elapsed,
        minutes=record.minutes,
        workspace=record.workspace,
        drawn=record.sampling == "draw",
    )


def _of_task(sitting: Sitting, task: PaperTask, title: str, whole: float) -> TaskOutcome:
    best = sitting.winner(task.task)
    return TaskOutcome(
        category=task.category,
        title=title,
        score=sitting.best(task.task) or 0,
        weight=100.0 * task.weight / whole,
        attempts=len(sitting.of(task.task)),
        spent=sitting.spent.get(task.task, 0.0),
        best_at=best.elapsed if best is not None and best.score else None,
    )


def title_of(task: str, tasks: Mapping[str, Task], language: str) -> str:
    """A task's title; its id where the bank no longer has it."""
    return tasks[task].title(language) if task in tasks else task
