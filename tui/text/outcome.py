"""The result of a live or past sitting, as the result screen shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.marking import MAX_SCORE

if TYPE_CHECKING:
    from engine.sitting.state.report import Report, TaskReport
    from engine.sitting.state.sitting import Sitting
    from exam_bank.task import Task


@dataclass(frozen=True)
class TaskOutcome:
    """One task of the result; `share` is its weight in % of the total."""

    report: TaskReport
    title: str
    share: float

    @property
    def counts(self) -> float:
        """Its contribution to the total, in %."""
        return self.share * self.report.score / MAX_SCORE

    @property
    def best_at(self) -> float | None:
        """The exam second when its best score came in; None if it has no points."""
        return self.report.best_seconds if self.report.score else None


@dataclass(frozen=True)
class Outcome:
    """A report with what only a screen shows; `pending` gradings can still change it."""

    report: Report
    tasks: tuple[TaskOutcome, ...]
    pending: int
    workspace: str
    drawn: bool

    @property
    def elsewhere(self) -> float:
        """Exam seconds that were spent on no task."""
        spent = sum(each.spent_seconds for each in self.report.tasks)
        return max(0.0, self.report.used_seconds - spent)


def of_sitting(sitting: Sitting, tasks: Mapping[str, Task], language: str) -> Outcome:
    """The current outcome of a sitting."""
    # Imported here, because screens that only want a title should not wait for it.
    from engine.sitting.state.report import result

    record, report = sitting.record, result(sitting)
    shares = record.paper.shares
    return Outcome(
        report=report,
        tasks=tuple(
            TaskOutcome(each, title_of(each.task, tasks, language), shares[each.task])
            for each in report.tasks
        ),
        pending=len(sitting.unfinished),
        workspace=record.workspace,
        drawn=record.sampling == "draw",
    )


def title_of(task: str, tasks: Mapping[str, Task], language: str) -> str:
    """A task's title; its id if the bank no longer has it."""
    return tasks[task].title(language) if task in tasks else task
