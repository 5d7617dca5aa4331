"""Hands the proctor's submissions to the grader, one at a time, each as a plain `Job`.

It sits between the sitting and the grader so that the proctor's loop never waits: results
arrive as reports, and whatever fails on our side comes back as the verdict `GraderFailed`,
never as a lost submission or a lost point.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from engine.clock import Clock, Instant
from engine.grading.protocol import (
    Cancelled,
    Device,
    Grade,
    GraderFailed,
    Job,
    Message,
    Progress,
    Stage,
)
from engine.settings import Settings
from engine.sitting.jobs import Jobs
from engine.sitting.notices import GradingProgress
from engine.sitting.state import events
from engine.sitting.state.sitting import Sitting, SittingRecord, Submission, SubmissionState
from engine.sitting.store.record import submission_file
from exam_bank.task import Task

_log = logging.getLogger(__name__)

_CLOSE_SECONDS = 5.0


class GraderLike(Protocol):
    """What the queue needs from a grader; `engine.grading.host.grader.Grader` is one."""

    async def start(self) -> None:
        """Get ready; may return before it is."""
        ...

    async def grade(self, job: Job, on_progress: Callable[[Progress], None]) -> Grade:
        """Grade `job`."""
        ...

    def cancel(self) -> None:
        """Make the running `grade` answer `Cancelled`."""
        ...

    async def close(self) -> None:
        """Kill what runs."""
        ...


def grader_of(folder: Path, settings: Settings) -> GraderLike:
    """The real grader for the sitting in `folder`, where it also keeps its logs."""
    # Imported late, so that a proctor with its own grader needs none of it.
    from engine.grading.host.fork_server import ForkServer
    from engine.grading.host.grader import Grader

    logs, device = folder / "logs", settings.grader_device
    forks = settings.prewarm and ForkServer.possible(device)
    return Grader(
        logs=logs,
        prewarm=settings.prewarm,
        device=device,
        fork_server=ForkServer(logs, priority="normal") if forks else None,
        priority="normal",
    )


def overtaken(sitting: Sitting) -> Iterator[tuple[int, int]]:
    """Each waiting submission that a newer one of its task replaces, as pairs of their numbers."""
    newest: dict[str, int] = {}
    for each in reversed(sitting.submissions):
        if each.state is SubmissionState.WAITING and each.task in newest:
            yield each.number, newest[each.task]
        newest.setdefault(each.task, each.number)


class GradingQueue:
    """Grades the submissions of one sitting, one at a time."""

    def __init__(
        self,
        folder: Path,
        record: SittingRecord,
        tasks: Mapping[str, Task],
        grader: GraderLike,
        *,
        clock: Clock,
        device: Device,
        h5_only: bool = False,
        on_progress: Callable[[GradingProgress], None],
        on_answer: Callable[[], None],
    ) -> None:
        self._folder, self._grader, self._clock = folder, grader, clock
        self.jobs = Jobs(folder, record, tasks, device, h5_only)
        self._on_progress, self._on_answer = on_progress, on_answer
        self._starting: asyncio.Task[None] | None = None
        self._grading: asyncio.Task[Grade] | None = None
        self._is_fetched = False
        self._since: Instant | None = None
        self._closed = False
        self._cancelled = False
        self._submission: Submission | None = None
        self._progress = Progress(Stage.WAITING)

    @property
    def number(self) -> int | None:
        """The submission being graded, or whose grade is still to be recorded."""
        return None if self._submission is None else self._submission.number

    @property
    def progress(self) -> GradingProgress | None:
        """How far the current grading is; None if there is none."""
        graded, since = self._submission, self._since
        if graded is None or since is None:
            return None
        seconds = self._clock.now().since(since)
        return GradingProgress(graded.number, graded.task, self._progress, seconds)

    def open(self) -> None:
        """Let the grader get ready, unless it was already asked to."""
        if self._starting is None:
            # Each grading awaits it and reports what went wrong.
            self._starting = asyncio.create_task(self._start(), name="tfexam grader start")

    def begin(self, submission: Submission, attempt: int) -> None:
        """Start grading `submission`, the `attempt`-th model of its task.

        `on_answer` is called when grading ends; then `answered` returns the grade.

        The queue stays occupied until `clear`, so that no second grading of the same submission
        can overtake a grade that is still to be recorded.
        """
        assert self.number is None
        self.open()
        self._cancelled = self._is_fetched = False
        self._since = self._clock.now()
        self._progress = Progress(Stage.WAITING)
        # However it ends, `answered` finds the result.
        self._grading = asyncio.create_task(self._grade(submission, attempt), name="tfexam grading")
        self._submission = submission
        self._grading.add_done_callback(lambda _: self._on_answer())

    def answered(self) -> events.GradingEnded | None:
        """The grade of the current submission, returned once, as soon as there is one.

        Polled, not pushed: if a pushed answer got lost, the queue would stay occupied and nothing
        would be graded any more.
        """
        grading, number = self._grading, self.number
        if number is None or grading is None or not grading.done() or self._is_fetched:
            return None
        answer = events.GradingEnded(at=self._clock.now(), number=number, grade=_grade_of(grading))
        self._is_fetched = True
        return answer

    def cancel(self) -> None:
        """Make the current grading answer `Cancelled`; does nothing if there is none."""
        if self._grading is not None and not self._grading.done():
            self._cancelled = True
            self._grader.cancel()

    def clear(self) -> None:
        """Get ready for the next submission: the last grade is recorded."""
        self._submission = self._since = None

    async def close(self) -> None:
        """Kill what runs, quickly; an interrupted grading gives no grade. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        running = [task for task in (self._starting, self._grading) if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._grader.close()

    async def _start(self) -> None:
        with contextlib.suppress(RuntimeError):
            # Started beforehand: the system may refuse a thread at the moment we need it.
            await asyncio.to_thread(_nothing)
        try:
            await self._grader.start()
        except Exception:  # `grade` will hit the same error and report it in its answer
            _log.exception("the grader did not start")

    async def _grade(self, submission: Submission, attempt: int) -> Grade:
        try:
            if self._starting is not None:
                await self._starting
            return await self._answer(submission, attempt)
        except Exception as error:
            _log.exception("grading submission %s failed", submission.number)
            return _failed(error)

    async def _answer(self, submission: Submission, attempt: int) -> Grade:
        model = submission_file(self._folder, submission.sha256)
        if not model.is_file():
            gone = Message(
                "The kept copy of this model is gone from {folder}. Submit it again.",
                {"folder": str(model.parent)},
            )
            return GraderFailed(message=gone)
        if self._cancelled:  # before it reached the grader
            return Cancelled(message=Message("Grading was cancelled."))
        # In faithful mode there is no evidence before the end.
        job = self.jobs.of(submission, attempt, with_evidence=self.jobs.record.mode == "coach")
        return await self._grader.grade(job, self._progressed)

    def _progressed(self, progress: Progress) -> None:
        self._progress = progress
        if (notice := self.progress) is not None:
            self._on_progress(notice)


def _nothing() -> None:
    pass


def _grade_of(grading: "asyncio.Task[Grade]") -> Grade:
    """The grade from a finished task, whatever ended it."""
    if grading.cancelled():
        return _failed(RuntimeError("it was given up"))
    fault = grading.exception()
    return grading.result() if fault is None else _failed(fault)


def _failed(error: BaseException) -> GraderFailed:
    fault = f"{type(error).__name__}: {error}"
    return GraderFailed(message=Message("The grader failed: {error}", {"error": fault}))
