"""Marks for the bank's proof with the very grader and metrics that an exam uses.

The bank stands below the engine and cannot import it, so `exam_bank.authoring` asks for
a `Marker` and this module gives it one.
"""

from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engine.grading.grader import Grader
from engine.grading.metrics import measure
from engine.grading.protocol import Graded, Job, score_of
from exam_bank.authoring import Mark
from exam_bank.material import HiddenSet
from exam_bank.task import Task


class GraderMarker:
    """A `Marker` with a real grader, open from `async with` on; logs go to `logs`."""

    def __init__(self, logs: Path) -> None:
        # Trainings run between two gradings: a child kept warm would only take memory.
        self._grader = Grader(logs=logs, prewarm=False)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._grader.start()
        self._open.push_async_callback(self._grader.close)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open.aclose()

    async def mark_file(self, task: Task, model: Path, hidden: Path) -> Mark:
        """Mark a model file; `score` is None when no grade says anything of the file."""
        grade = await self._grader.grade(_job(task, model, hidden))
        if isinstance(grade, Graded):
            return Mark(metric=grade.metric.name, value=grade.metric.value, score=grade.score)
        return Mark(score=score_of(grade), says=grade.message.text())

    def mark_predictions(self, task: Task, predictions: Any, hidden: HiddenSet) -> Mark:
        """Mark an array shaped like a model's output."""
        says = task.says
        metric, score = measure(predictions, hidden, says.mark_scheme, says.contract)
        return Mark(metric=metric.name, value=metric.value, score=score)


def _job(task: Task, model: Path, hidden: Path) -> Job:
    return Job(
        submission=f"proof-{task.id}",
        task=task.id,
        category=task.category,
        model=str(model.absolute()),
        hidden=str(hidden.absolute()),
        contract=task.says.contract,
        mark_scheme=task.says.mark_scheme,
        limits=task.says.limits,
    )
