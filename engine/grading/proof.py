"""Marks for the bank's proof with the very grader and metrics that an exam uses.

The bank stands below the engine and cannot import it, so `exam_bank.authoring` asks for
a `Marker` and this module gives it one. Where the system can fork, solutions and
gradings are forks of one process that has imported TensorFlow (`exam_bank.authoring_fork`):
the same code, walls and limits as in an exam, but no tray of copies, no watch over the
resident memory and no second try. Elsewhere each starts a Python of its own.
"""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from engine.errors import SubmissionRejected
from engine.grading.environment import environment
from engine.grading.file_kind import check_file
from engine.grading.grader import Grader
from engine.grading.metrics import measure
from engine.grading.protocol import Grade, Graded, Job, score_of
from exam_bank.authoring import Mark, Marker
from exam_bank.authoring_fork import WarmPython, usable
from exam_bank.authoring_run import Run, run_solution
from exam_bank.material import HiddenSet
from exam_bank.task import Task

_CHILD = "engine.grading.proof_child"
_MODULES = (
    "tensorflow",
    *(f"engine.grading.{name}" for name in ("inspection", "job", "metrics", "runtime")),
)


class Proving(NamedTuple):
    """What `exam_bank.authoring.check` needs: how to run a solution, and how to mark."""

    run: Run
    marker: Marker


@asynccontextmanager
async def proving(logs: Path) -> AsyncIterator[Proving]:
    """The cheapest faithful way to prove tasks on this system; logs go to `logs`."""
    if usable():
        async with WarmPython(_MODULES, environment(os.environ, "cpu")) as warm:
            yield Proving(warm.run_solution, ForkedMarker(warm))
    else:
        async with GraderMarker(logs) as marker:
            yield Proving(run_solution, marker)


class _Predictions:
    """The half of a `Marker` that needs no model."""

    def mark_predictions(self, task: Task, predictions: Any, hidden: HiddenSet) -> Mark:
        """Mark an array shaped like a model's output."""
        says = task.says
        metric, score = measure(predictions, hidden, says.mark_scheme, says.contract)
        return Mark(metric=metric.name, value=metric.value, score=score)


class ForkedMarker(_Predictions):
    """A `Marker` whose gradings are forks of a warm process."""

    def __init__(self, warm: WarmPython) -> None:
        self._warm = warm

    async def mark_file(self, task: Task, model: Path, hidden: Path) -> Mark:
        """Mark a model file; `score` is None when no grade says anything of the file."""
        job = _job(task, model, hidden)
        try:
            check_file(model, job.limits.model_mb)
        except SubmissionRejected as error:
            return Mark(score=0, says=error.says.text())
        with tempfile.TemporaryDirectory(prefix="tfexam-mark-") as name:
            desk = Path(name)
            answer = desk / "grade.json"
            (desk / "job.json").write_bytes(msgspec.json.encode(job))
            ran = await self._warm.run(
                *(_CHILD, desk, str(desk / "job.json"), str(answer)),
                limit=job.limits.seconds,
                is_module=True,
            )
            if ran.timed_out:
                return Mark(score=0, says=f"grading took over {job.limits.seconds:g} seconds")
            said = answer.read_bytes() if answer.is_file() else b""
        if not said:
            return Mark(says=f"the grading child ended with status {ran.status}: {ran.last_line}")
        return _mark(msgspec.json.decode(said, type=Grade))


class GraderMarker(_Predictions):
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
        return _mark(await self._grader.grade(_job(task, model, hidden)))


def _mark(grade: Grade) -> Mark:
    if isinstance(grade, Graded):
        return Mark(metric=grade.metric.name, value=grade.metric.value, score=grade.score)
    return Mark(score=score_of(grade), says=grade.message.text())


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
