"""Marks for the bank's proof with the very grader and metrics that an exam uses.

The bank stands below the engine and cannot import it, so `exam_bank.proof.check` asks for
a `Marker` and this module gives it one. Where the system can fork, neither a solution
nor a grading waits for TensorFlow's import: solutions are forks of one warm process
(`exam_bank.proof.solution_fork`), gradings are children of the grader's fork server, as in an exam.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from engine.grading.host.environment import environment
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.metrics import measure
from engine.grading.protocol import Graded, Job, score_of
from exam_bank.material import HiddenSet
from exam_bank.proof.check import Mark, Marker
from exam_bank.proof.solution_fork import WarmPython, usable
from exam_bank.proof.solution_run import Run, run_solution
from exam_bank.task import Task


class Proving(NamedTuple):
    """What `exam_bank.proof.check.check` needs: how to run a solution, and how to mark."""

    run: Run
    marker: Marker


@asynccontextmanager
async def proving(logs: Path) -> AsyncIterator[Proving]:
    """The cheapest way to prove tasks on this system; logs go to `logs`."""
    fork_server = ForkServer(logs) if ForkServer.possible("cpu") else None
    async with GraderMarker(logs, fork_server) as marker:
        if usable():
            own = environment(os.environ, "cpu", trusted=True)
            async with WarmPython(["tensorflow"], own) as warm:
                yield Proving(warm.run_solution, marker)
        else:
            yield Proving(run_solution, marker)


@asynccontextmanager
async def without_training(logs: Path) -> AsyncIterator[Proving]:
    """For predictions alone: nothing is started, and no TensorFlow imported."""
    yield Proving(run_solution, GraderMarker(logs))


class GraderMarker:
    """A `Marker` with a real grader, open from `async with` on; logs go to `logs`."""

    def __init__(self, logs: Path, fork_server: ForkServer | None = None) -> None:
        # Trainings run between two gradings: a child kept warm would only take memory.
        self._grader = Grader(logs=logs, prewarm=False, fork_server=fork_server)
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
