"""The grader as the app sees it: a `Job` goes in, one `Grade` comes out, whatever happens.

A child with TensorFlow imported waits for the next job; while it grades, another is
warmed (forked in the fork server, where there is one). A child takes one job and is gone.
Nothing of a file's or child's faults is raised: they are verdicts, and only what a file
can bring about costs points. A grading that failed through us is tried once more, and so
is a crash, which somebody else may have brought about.

A task may allow 6 GB and the laptop have 2 GB left: then a model gets what is free but the
last gigabyte, and one that wants more is told so at no cost.

Runs inside the app's event loop, so it never blocks and imports neither TensorFlow nor
numpy nor h5py.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.errors import SubmissionRejected
from engine.grading import wire
from engine.grading.host.child import COMMAND, Child, sweep
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.host.supervision import (
    CANCELLED,
    NOT_READY,
    OnProgress,
    Outcome,
    Supervision,
)
from engine.grading.host.watch import Watch
from engine.grading.inspection.file_format import check_file
from engine.grading.protocol import (
    Cancelled,
    Crashed,
    Device,
    Grade,
    GraderFailed,
    Job,
    OutOfMemory,
    Progress,
    Rejected,
    Stage,
    failed,
)
from engine.grading.wire import Diagnosed
from exam_bank.phrase import phrase
from exam_bank.platform import kernel

# Of processor time, and as long idle.
START_SECONDS = 180.0
TRIES = 2
# Of an idle machine with two processors, as a task's limits are; trials stop long before.
DIAGNOSIS_SECONDS = 20.0
# Most gradings are over by then; warming earlier would take their processor away.
REST_SECONDS = 1.0
# Left to everything else that runs.
RESERVE_MB = 1_000
# What TensorFlow holds with a small model; with less there is no grading at all.
NEEDED_MB = 700


class Grader:
    """Grades jobs one after the other, each in a child of its own.

    `logs` is a folder with room for a copy of a submission and its hidden inputs. Without
    `prewarm` a child is started only when there is a job. Children are forked in `fork_server` if
    one is given, and `marking` marks what they predict; the last of its graders closes either.
    `share` is how many graders grade at once, for they share the machine's free memory. With a
    `normal` priority a job has that of a training and half of the cores; else it steps back.
    """

    def __init__(
        self,
        *,
        logs: Path,
        prewarm: bool = True,
        device: Device = "cpu",
        command: Sequence[str] = COMMAND,
        start_seconds: float = START_SECONDS,
        fork_server: ForkServer | None = None,
        marking: MarkingProcess | None = None,
        share: int = 1,
        priority: wire.Priority = "low",
    ) -> None:
        self._priority: wire.Priority = priority
        self.prewarm = prewarm
        self._share = share
        self._marking = marking or MarkingProcess()
        self._marking.join()
        self._fork_server = fork_server
        if fork_server is not None:
            fork_server.join()
        self._logs = logs
        self._device: Device = device
        self._command = tuple(command)
        self._start_seconds = start_seconds
        # Held while a job is graded; `close` waits for it.
        self._busy = asyncio.Lock()
        self._cancelled: asyncio.Future[None] | None = None
        self._warming: asyncio.Task[Child] | None = None
        self._supervision: Supervision | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    def beside(self) -> "Grader":
        """Another grader, for work that must never occupy this one; it warms nothing in advance.

        Both use the same fork server.
        """
        return Grader(
            logs=self._logs,
            prewarm=False,
            device=self._device,
            command=self._command,
            start_seconds=self._start_seconds,
            fork_server=self._fork_server,
        )

    async def start(self) -> None:
        """Begin to warm a child, if one is to wait; does not wait until it is warm."""
        with contextlib.suppress(OSError):
            sweep(self._logs)
        if self.prewarm:
            self.warm()

    def warm(self, *, hurry: bool = False) -> None:
        """Begin to warm what the next job needs, unless it waits already.

        In a `hurry` that job waits by now.
        """
        if self._closed:
            return
        self._marking.warm()
        if self._warming is None:
            hurry = hurry or not self.prewarm
            child = Child.start(
                self._command,
                self._logs,
                self._device,
                priority="hurried" if self._priority == "normal" and hurry else self._priority,
                fork_server=self._fork_server,
                hurry=hurry,
            )
            self._warming = asyncio.create_task(child, name="warm a grading child")

    async def grade(self, job: Job, on_progress: OnProgress = lambda _: None) -> Grade:
        """Grade `job`; the one before must have been answered.

        Never raises for faults of the file or of a child. `seconds` of the grade counts
        from the moment the child had the job.
        """
        grade = await self._answered(replace(job, diagnose=False), on_progress)
        assert not isinstance(grade, Diagnosed)
        return grade

    async def diagnose(
        self, job: Job, on_progress: OnProgress = lambda _: None
    ) -> Diagnosed | Grade:
        """Try common mistakes on the model of `job`; a grade says why it could not be done.

        It runs as a grading does, in a child of its own within the same walls, and stops by
        itself after `DIAGNOSIS_SECONDS` or so.
        """
        limits = replace(job.limits, seconds=min(job.limits.seconds, DIAGNOSIS_SECONDS))
        return await self._answered(replace(job, diagnose=True, limits=limits), on_progress)

    async def _answered(self, job: Job, on_progress: OnProgress) -> Outcome:
        assert not self._busy.locked(), "a grader grades one job at a time"
        async with self._busy:
            self._cancelled = asyncio.get_running_loop().create_future()
            on_progress(Progress(Stage.STARTING))
            await self._hasten()
            return await self._look_and_try(job, on_progress)

    def cancel(self) -> None:
        """Stop the present grading, if there is one: its `grade` answers `Cancelled`."""
        if self._cancelled is not None and not self._cancelled.done():
            self._cancelled.set_result(None)
        if self._supervision is not None:
            self._supervision.stop()

    async def close(self) -> None:
        """Kill every child; what is being graded is answered `Cancelled`."""
        if self._closed:
            return
        self._closed = True
        self.cancel()
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
            if not self._warming.cancelled() and self._warming.exception() is None:
                self._end_later(self._warming.result())
        async with self._busy:  # until that answer is out
            pass
        await asyncio.gather(*self._ending)
        if self._fork_server is not None:
            await self._fork_server.leave()
        await self._marking.leave()

    async def _look_and_try(self, job: Job, on_progress: OnProgress) -> Outcome:
        try:
            check_file(Path(job.model), job.limits.model_mb, h5_only=job.h5_only)
        except SubmissionRejected as error:
            return Rejected(message=error.says, reason=error.reason)
        grade: Outcome = failed(phrase("It was not tried."))
        for _ in range(1 if job.diagnose else TRIES):
            grade = await self._try(job, on_progress)
            if not isinstance(grade, GraderFailed | Crashed):
                break
        return grade

    async def _try(self, job: Job, on_progress: OnProgress) -> Outcome:
        try:
            child = await self._take_in_time()
        except TimeoutError:
            self._give_up()
            return failed(NOT_READY)
        except OSError as error:
            return failed(phrase("No grading process can be started: {error}.", error=error))
        if child is None:
            return Cancelled(message=CANCELLED)
        fitted = share_of(job, child.memory(), self._share)
        if isinstance(fitted, GraderFailed):
            self._end_later(child)
            return fitted
        if fitted.memory_mb < job.limits.memory_mb:  # what it shares is not counted against it
            fitted = fitted.on_machine(fitted.memory_mb - child.shared_memory() / 1e6)
        return await self._supervised(child, fitted, on_progress)

    async def _supervised(self, child: Child, job: Job, on_progress: OnProgress) -> Outcome:
        """What `child` makes of `job`; then the child is killed, and the next one warmed."""
        grade: Outcome | None = None
        self._supervision = Supervision(
            child, job, self._marking, on_progress, on_handed=self._warm_soon
        )
        if self._priority == "normal":
            await child.lift_session()
        try:
            grade = await self._supervision.run(self._start_seconds)
            grade = blamed(grade, job)
        except OSError as error:
            grade = failed(
                phrase("The files for this grading cannot be written: {error}.", error=error)
            )
        finally:
            self._supervision = None
            if self._priority == "normal":
                child.lower_session()
            self._end_later(child, keep_log=isinstance(grade, GraderFailed))
            if self.prewarm:
                self.warm()
        return replace(grade, log=str(child.log)) if isinstance(grade, GraderFailed) else grade

    async def _take_in_time(self) -> Child | None:
        """`_take`; raises `TimeoutError` when the one who starts children has had its time."""
        taking = asyncio.create_task(self._take(), name="take a grading child")
        use = self._fork_server.processor_use() if self._fork_server else None
        watch = Watch(use, processor=self._start_seconds, idle=self._start_seconds)
        try:
            while not (await asyncio.wait([taking], timeout=watch.seconds_left()))[0]:
                watch.count()
                if watch.is_over():
                    raise TimeoutError
            return taking.result()
        finally:
            taking.cancel()

    async def _take(self) -> Child | None:
        """The child that waits, or a new one where none does or it died while waiting.

        A new one that is dead already is the try that failed, or there would be no end of
        them. None when the grading was cancelled or the grader closed meanwhile.
        """
        while not self._is_over():
            is_new = self._warming is None
            self.warm(hurry=self._priority == "normal")
            assert self._warming is not None
            assert self._cancelled is not None
            # Not `wait_for`: a cancelled grading must not cancel the start of a child that
            # the next one can take.
            either: tuple[asyncio.Future[Any], ...] = (self._warming, self._cancelled)
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._is_over():
                break
            warming, self._warming = self._warming, None
            child = warming.result()
            if child.alive or is_new:
                return child
            self._end_later(child)
        return None

    def _is_over(self) -> bool:
        return self._closed or (self._cancelled is not None and self._cancelled.done())

    async def _hasten(self) -> None:
        """Start anew what is being imported at low priority, now that a job waits for it."""
        warming, server = self._warming, self._fork_server
        if warming is not None and not warming.done() and server is not None and server.hasten():
            warming.cancel()
            await asyncio.wait([warming])
            self._warming = None

    def _give_up(self) -> None:
        """Wait no longer for the child that is being started, nor for who should fork it."""
        if self._warming is not None and not self._warming.done():
            self._warming.cancel()
            self._warming = None
            if self._fork_server is not None:
                self._fork_server.give_up("no child came in time")

    def _end_later(self, child: Child, *, keep_log: bool = False) -> None:
        """Kill `child` now, and wait for its end without holding up an answer."""
        child.kill()
        ending = asyncio.create_task(child.end(keep_log=keep_log), name="end a grading child")
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _warm_soon(self) -> None:
        if self.prewarm:
            asyncio.get_running_loop().call_later(REST_SECONDS, self.warm)


def free_mb() -> float:
    """Megabytes that can be had now: the machine's, or the container's where it has fewer."""
    used, total = kernel.memory()
    return (total - used) / 1e6


def share_of(job: Job, held: int, graders: int = 1) -> Job | GraderFailed:
    """`job` with what the machine can give it, where that is less than its limit.

    `held` are the bytes that its child has already; `graders` of them share what is free.
    """
    free = free_mb()
    given = held / 1e6 + max(0.0, free - RESERVE_MB) / graders
    if given < min(NEEDED_MB, job.limits.memory_mb):
        return failed(
            phrase(
                "This machine has only {free} MB of free memory. Grading needs {needed} MB, "
                "and {reserve} MB are kept for everything else: close other programs.",
                free=round(free),
                needed=NEEDED_MB,
                reserve=RESERVE_MB,
            )
        )
    return job.on_machine(given)


def blamed(grade: Outcome, job: Job) -> Outcome:
    """`grade`, unless the machine had less memory than the task allows: then it is our fault."""
    if not isinstance(grade, OutOfMemory) or job.memory_mb >= job.limits.memory_mb:
        return grade
    return failed(
        phrase(
            "This machine has only {given} MB of memory for grading, less than this "
            "task's {memory} MB, and the model needed more: close other programs and "
            "grade it again.",
            given=round(job.memory_mb),
            memory=round(job.limits.memory_mb),
        )
    )
