"""Marks for the bank's proof, with the same grader and metrics that an exam uses.

The bank is below the engine and cannot import it, so `exam_bank.proof.check` asks for a `Marker`
and this module provides one. Where the system can fork, neither a solution nor a grading waits
for TensorFlow's import: solutions are forks of one warm process
(`exam_bank.proof.solution_fork`), gradings are children of the grader's fork server, as in an exam.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from engine import marking
from engine.grading.host.environment import environment
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.metrics import measure
from engine.grading.protocol import Graded, Job, score_of
from exam_bank.material import HiddenSet
from exam_bank.proof.check import Mark, Marker
from exam_bank.proof.solution_fork import PreloadedPython, can_fork
from exam_bank.proof.solution_run import Run, run_solution
from exam_bank.task import MarkScheme, Task


class ProofTools(NamedTuple):
    """What `exam_bank.proof.check.check` needs: how to run a solution, and how to mark."""

    run: Run
    marker: Marker


@asynccontextmanager
async def proof_tools(logs: Path) -> AsyncIterator[ProofTools]:
    """The cheapest way to prove tasks on this system; logs go to `logs`."""
    fork_server = ForkServer(logs) if ForkServer.possible("cpu") else None
    async with grader_marker(logs, fork_server) as marker:
        if can_fork():
            own = environment(os.environ, "cpu", trusted=True)
            async with PreloadedPython(["tensorflow"], own) as warm:
                yield ProofTools(warm.run_solution, marker)
        else:
            yield ProofTools(run_solution, marker)


@asynccontextmanager
async def grader_marker(
    logs: Path, fork_server: ForkServer | None = None
) -> AsyncIterator["GraderMarker"]:
    """A marker whose grader is closed at the end; logs go to `logs`."""
    # Trainings run between two gradings: a child kept warm would only take memory.
    grader = Grader(logs=logs, prewarm=False, fork_server=fork_server)
    await grader.start()
    try:
        yield GraderMarker(grader)
    finally:
        await grader.close()


@asynccontextmanager
async def without_training(logs: Path) -> AsyncIterator[ProofTools]:
    """For predictions alone: starts nothing and imports no TensorFlow."""
    async with grader_marker(logs) as marker:
        yield ProofTools(run_solution, marker)


class GraderMarker:
    """A `Marker` with a real grader."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader

    async def mark_file(self, task: Task, model: Path, hidden: Path) -> Mark:
        """Mark a model file; `score` is None when the grade says nothing about the file."""
        grade = await self._grader.grade(Job.of(task, model, hidden, submission=f"proof-{task.id}"))
        if isinstance(grade, Graded):
            return Mark(metric=grade.metric.name, value=grade.metric.value, score=grade.score)
        return Mark(score=score_of(grade), says=grade.message.text())

    def mark_predictions(self, task: Task, predictions: Any, hidden: HiddenSet) -> Mark:
        """Mark an array shaped like a model's output."""
        says = task.says
        metric, score = measure(predictions, hidden, says.mark_scheme.hardest, says.contract)
        return Mark(metric=metric.name, value=metric.value, score=score)

    def score(self, value: float, scheme: MarkScheme) -> int:
        """The points that a metric's value earns."""
        return marking.score(value, scheme)
