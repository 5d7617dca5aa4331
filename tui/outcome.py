"""What a sitting came to, as the result screen shows it: from a live one or from history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.sitting.attempt import Kind, Sitting
    from engine.sitting.events import EndReason
    from engine.sitting.history import Summary
    from exam_bank.task import Task


@dataclass(frozen=True)
class TaskOutcome:
    """One line of the result."""

    category: int
    title: str
    score: int
    attempts: int | None


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


def of_sitting(sitting: Sitting, tasks: Mapping[str, Task], language: str) -> Outcome:
    """The outcome of a sitting as it stands."""
    lines = tuple(
        TaskOutcome(
            each.category,
            title_of(each.task, tasks, language),
            sitting.best(each.task) or 0,
            len(sitting.of(each.task)),
        )
        for each in sitting.record.paper.tasks
    )
    return Outcome(
        kind=sitting.record.kind,
        code=sitting.record.paper.code,
        percent=sitting.percent,
        passed=sitting.passed,
        tasks=lines,
        pending=len(sitting.unfinished),
        reason=sitting.end_reason,
        used=sitting.elapsed,
        minutes=sitting.record.minutes,
        workspace=sitting.record.workspace,
    )


def of_summary(summary: Summary, tasks: Mapping[str, Task], language: str) -> Outcome:
    """The outcome that a line of history tells."""
    lines = tuple(
        TaskOutcome(
            tasks[task].category if task in tasks else number,
            title_of(task, tasks, language),
            score,
            None,
        )
        for number, (task, score) in enumerate(summary.scores.items(), 1)
    )
    return Outcome(
        kind=summary.kind,
        code=summary.code,
        percent=summary.percent,
        passed=summary.passed,
        tasks=lines,
        pending=0,
        reason=None,
        used=summary.minutes * 60 - summary.time_left,
        minutes=summary.minutes,
        workspace=str(summary.workspace),
    )


def title_of(task: str, tasks: Mapping[str, Task], language: str) -> str:
    """A task's title; its id where the bank no longer has it."""
    return tasks[task].title(language) if task in tasks else task
