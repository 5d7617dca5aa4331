"""The grader as the app sees it: a `Job` goes in, one `Grade` comes out, whatever happens.

A child with TensorFlow imported waits for the next job; while it grades, another is
warmed (forked in the nursery, where there is one). A child takes one job and is gone.
Nothing of a file's or child's faults is raised: they are verdicts, and only what a file
can bring about costs points. A grading that failed through us is tried once more.

Runs inside the app's event loop, so it never blocks and imports neither TensorFlow nor
numpy nor h5py.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.errors import SubmissionRejected
from engine.grading import endings, wire
from engine.grading.child import COMMAND, Child, Ended, Garbled, Happening, Stopped
from engine.grading.file_kind import check_file
from engine.grading.nursery import Nursery
from engine.grading.protocol import (
    Cancelled,
    Device,
    Grade,
    GraderFailed,
    Job,
    Message,
    ModelFacts,
    Progress,
    Rejected,
    Stage,
)
from engine.grading.tray import sweep

START_SECONDS = 180.0
LOOK_SECONDS = 0.25
TRIES = 2
# Most gradings are over by then; warming earlier would take their processor away.
REST_SECONDS = 1.0

OnProgress = Callable[[Progress], None]


class Grader:
    """Grades jobs one after the other, each in a child of its own.

    `logs` is a folder on the file system of submissions and hidden sets (then they are
    linked, not copied). Without `prewarm` a child is started only when there is a job.
    Children are forked in `nursery` if one is given, which the last of its graders closes.
    """

    def __init__(
        self,
        *,
        logs: Path,
        prewarm: bool = True,
        device: Device = "cpu",
        command: Sequence[str] = COMMAND,
        start_seconds: float = START_SECONDS,
        nursery: Nursery | None = None,
    ) -> None:
        self.prewarm = prewarm
        self._nursery = nursery
        if nursery is not None:
            nursery.join()
        self._logs = logs
        self._device: Device = device
        self._command = tuple(command)
        self._start_seconds = start_seconds
        self._turn = asyncio.Semaphore(1)
        self._warming: asyncio.Task[Child] | None = None
        self._grading: _Grading | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._asked: list[_Turn] = []
        self._closed = False

    async def start(self) -> None:
        """Begin to warm a child, if one is to wait; does not wait until it is warm."""
        with contextlib.suppress(OSError):
            sweep(self._logs)
        if self.prewarm:
            self.warm()

    def warm(self) -> None:
        """Begin to warm the child of the next job, unless one waits already."""
        if not self._closed and self._warming is None:
            child = Child.start(
                self._command,
                self._logs,
                self._device,
                nursery=self._nursery,
                hurry=not self.prewarm,
            )
            self._warming = asyncio.create_task(child, name="warm a grading child")

    def grade(
        self, job: Job, on_progress: OnProgress = lambda _: None
    ) -> Coroutine[Any, Any, Grade]:
        """Grade `job` when its turn comes.

        Never raises for faults of the file or of a child. `seconds` of the grade counts
        from the moment the child had the job.
        """
        # In the queue from the call on, so that a `cancel` before the first await counts.
        turn = _Turn()
        self._asked.append(turn)
        return self._grade(job, on_progress, turn)

    def cancel(self) -> None:
        """Stop the grading whose turn it is: its `grade` answers `Cancelled`."""
        if self._asked:
            self._asked[0].cancel()
        if self._grading is not None:
            self._grading.stop()

    async def close(self) -> None:
        """Kill every child; what is being graded or waits is answered `Cancelled`."""
        if self._closed:
            return
        self._closed = True
        self.cancel()
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
            if not self._warming.cancelled() and self._warming.exception() is None:
                self._end_later(self._warming.result())
        async with self._turn:
            pass
        await asyncio.gather(*self._ending)
        if self._nursery is not None:
            await self._nursery.leave()

    async def _grade(self, job: Job, on_progress: OnProgress, turn: "_Turn") -> Grade:
        on_progress(Progress(Stage.WAITING))
        try:
            async with self._turn:
                # Whoever was called first need not be the first to have come here.
                self._asked.remove(turn)
                self._asked.insert(0, turn)
                on_progress(Progress(Stage.STARTING))
                return await self._look_and_try(job, on_progress, turn)
        finally:
            self._asked.remove(turn)

    async def _look_and_try(self, job: Job, on_progress: OnProgress, turn: "_Turn") -> Grade:
        if turn.cancelled:
            return Cancelled(message=_CANCELLED)
        try:
            check_file(Path(job.model), job.limits.model_mb)
        except SubmissionRejected as error:
            return Rejected(message=error.says, reason=error.reason)
        grade: Grade = _failed("It was not tried.")
        for _ in range(TRIES):
            grade = await self._try(job, on_progress, turn)
            if not isinstance(grade, GraderFailed):
                break
        return grade

    async def _try(self, job: Job, on_progress: OnProgress, turn: "_Turn") -> Grade:
        try:
            async with asyncio.timeout(self._start_seconds):
                child = await self._take(turn)
        except TimeoutError:
            return _failed(_NOT_READY)
        except OSError as error:
            return _failed(f"No grading process can be started: {error}.")
        if child is None:
            return Cancelled(message=_CANCELLED)
        grade: Grade | None = None
        self._grading = _Grading(child, job, on_progress, on_handed=self._warm_soon)
        try:
            grade = await self._grading.run(self._start_seconds)
        except OSError as error:
            grade = _failed(f"The files of this grading cannot be laid out: {error}.")
        finally:
            self._grading = None
            self._end_later(child, keep_log=isinstance(grade, GraderFailed))
            if self.prewarm:
                self.warm()
        return replace(grade, log=str(child.log)) if isinstance(grade, GraderFailed) else grade

    async def _take(self, turn: "_Turn") -> Child | None:
        """The child that waits, or a new one where none does or it died while waiting.

        None when the grading was cancelled or the grader closed meanwhile.
        """
        while not (self._closed or turn.cancelled):
            self.warm()
            if self._warming is None:
                break
            either: tuple[asyncio.Future[Any], ...] = (self._warming, turn.over)
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._closed or turn.cancelled:
                break  # it stays the one that waits
            warming, self._warming = self._warming, None
            child = warming.result()
            if child.alive:
                return child
            self._end_later(child)
        return None

    def _end_later(self, child: Child, *, keep_log: bool = False) -> None:
        """Kill `child` now, and wait for its end without holding up an answer."""
        child.kill()
        ending = asyncio.create_task(child.end(keep_log=keep_log), name="end a grading child")
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _warm_soon(self) -> None:
        if self.prewarm:
            asyncio.get_running_loop().call_later(REST_SECONDS, self.warm)


class _Turn:
    """One call of `grade`, from the call to its answer."""

    def __init__(self) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def cancelled(self) -> bool:
        return self.over.done()

    def cancel(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


class _Grading:
    """One try at one job with one child: follows it until there is a verdict."""

    def __init__(
        self,
        child: Child,
        job: Job,
        on_progress: OnProgress,
        on_handed: Callable[[], None],
    ) -> None:
        self._child = child
        self._job = job
        self._on_progress = on_progress
        self._on_handed = on_handed
        self._stage = Stage.STARTING
        self._model = ModelFacts()
        self._inspected: wire.Inspected | None = None
        self._most_memory = 0

    def stop(self) -> None:
        """Let `run` answer `Cancelled`."""
        self._child.stop()

    async def run(self, start_seconds: float) -> Grade:
        """The verdict; raises `OSError` when the job's files cannot be laid out."""
        grade = await self._follow(start_seconds, until_ready=True)
        if grade is not None:
            return grade
        clock = asyncio.get_running_loop()
        handed = clock.time()
        await self._child.hand_over(self._job)
        self._on_handed()
        grade = await self._follow(self._job.limits.seconds, until_ready=False)
        grade = grade or _failed("The grading process gave no answer.")
        runtime = self._inspected.runtime if self._inspected else None
        return replace(
            grade,
            seconds=clock.time() - handed,
            runtime=grade.runtime or runtime,
        )

    async def _follow(self, seconds: float, *, until_ready: bool) -> Grade | None:
        """Listen for at most `seconds`; None means that the child is ready."""
        clock = asyncio.get_running_loop()
        deadline, look = clock.time() + seconds, clock.time() + LOOK_SECONDS
        while True:
            now = clock.time()
            if now >= deadline:
                return self._too_late(until_ready)
            if now >= look and not until_ready:
                look = now + LOOK_SECONDS
                if (grade := self._too_large()) is not None:
                    return grade
            happening = await self._child.next(
                deadline - now if until_ready else min(deadline, look) - now
            )
            if until_ready and happening == wire.READY:
                return None
            if happening is not None and (grade := self._hear(happening)) is not None:
                return grade

    def _hear(self, happening: Happening) -> Grade | None:
        match happening:
            case Progress():
                self._stage = happening.stage
                self._on_progress(happening)
            case wire.Inspected():
                self._inspected, self._model = happening, happening.model
            case Stopped():
                return Cancelled(message=_CANCELLED, model=self._model)
            case Garbled():
                return _failed(f"The grading process gave an answer that is none: {happening.why}")
            case Ended():
                return self._ended(happening.status)
            case _:
                return happening
        return None

    def _ended(self, status: int) -> Grade:
        death = endings.Death(self._stage, status, self._most_memory, self._child.log_tail())
        limits = self._job.limits
        return endings.verdict(
            death, self._model, seconds=limits.seconds, memory_mb=limits.memory_mb
        )

    def _too_late(self, starting: bool) -> Grade:
        if starting:
            return _failed(_NOT_READY)
        return endings.timed_out(self._model, self._job.limits.seconds)

    def _too_large(self) -> Grade | None:
        held = self._child.memory()
        self._most_memory = max(self._most_memory, held)
        if held > self._job.limits.memory_mb * 1e6:
            return endings.out_of_memory(self._model, self._job.limits.memory_mb)
        return None


def _failed(why: str) -> GraderFailed:
    return GraderFailed(message=Message("{why}", {"why": why}))


_CANCELLED = Message("Grading was cancelled.")
_NOT_READY = "The grading process did not become ready: is the machine overloaded?"
