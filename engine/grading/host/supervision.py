"""One try at one job with one child: listens to it until there is a verdict.

Whatever the child says, fails to say, or dies of becomes a grade here. This watch over time
and memory is the looser one; the kernel's own limits stand behind it. Time counts only while
the child could run and the app watched: if either was stopped, the model is not slow.
"""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from engine.grading import wire
from engine.grading.host import answer_check, verdicts
from engine.grading.host.answer_check import UnfitAnswerError
from engine.grading.host.child import Child, ChildGone, Garbled, Happening, StopAsked
from engine.grading.protocol import (
    Cancelled,
    Grade,
    GraderFailed,
    Job,
    Message,
    ModelFacts,
    Progress,
    Stage,
    failed,
)
from exam_bank.phrase import phrase
from exam_bank.platform import kernel

LOOK_SECONDS = 0.25
# A training may leave grading little processor time; that is not the fault of the model.
MOST_TIMES = 4.0
# The app looks every quarter of a second; after a longer gap, it was asleep.
LONGEST_GAP = 1.0
MOST_STOPPED = 60.0
# A child reports ten times a second; one that floods us must not keep a screen busy.
SHOW_SECONDS = 0.05
# Turns of the event loop between bytes arriving and an answer in the inbox.
_TURNS = 8
CANCELLED = Message("Grading was cancelled.")
NOT_READY = phrase("The grading process did not get ready: is the machine overloaded?")

OnProgress = Callable[[Progress], None]
_ORDER = list(Stage)


class Supervision:
    """Follows `child` through `job`; calls `on_handed` when the child has it."""

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
        self._handed = False
        self._stage = Stage.STARTING
        self._shown = 0.0
        self._model = ModelFacts()
        self._inspected: wire.Inspected | None = None
        self._processor_before = self._processor = 0.0
        self._oom_kills = kernel.oom_kills()

    def stop(self) -> None:
        """Make `run` answer `Cancelled`."""
        self._child.stop()

    async def run(self, start_seconds: float) -> Grade:
        """The verdict; raises `OSError` when the job's files cannot be laid out."""
        grade = await self._follow(start_seconds)
        if grade is not None:
            return grade
        clock = asyncio.get_running_loop()
        handed = clock.time()
        # Its imports do not count as work on the job.
        self._processor_before = self._child.processor_seconds()
        await self._child.hand_over(self._job)
        self._handed = True
        self._on_handed()
        grade = await self._follow(self._job.limits.seconds)
        grade = grade or failed(phrase("The grading process gave no answer."))
        runtime = self._inspected.runtime if self._inspected else None
        return replace(
            grade,
            seconds=clock.time() - handed,
            runtime=grade.runtime or runtime,
        )

    async def _follow(self, seconds: float) -> Grade | None:
        """Listen until the child has used its `seconds`; None means that it is ready.

        Time the child spent waiting for the processor is added to a job's `seconds`.
        """
        watch = _Watch(self._child, seconds, extended=self._handed)
        while (left := watch.left()) > 0:
            happening = await self._child.next(min(left, LOOK_SECONDS))
            if happening == wire.READY and not self._handed:
                return None
            grade = self._hear(happening) if happening is not None else None
            if grade is None and (happening is None or watch.is_due()):
                grade = self._look(watch)
            if grade is not None:
                return grade
        return await self._last_words() or self._too_late(watch)

    async def _last_words(self) -> Grade | None:
        """The answer that is already here; a timer may fire before an earlier message is read."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        while (happening := self._child.next_now()) is not None:
            if (grade := self._hear(happening)) is not None:
                return grade
        return None

    def _hear(self, happening: Happening) -> Grade | None:
        try:
            return self._heard(happening)
        except UnfitAnswerError as error:
            return _no_answer(str(error))

    def _heard(self, happening: Happening) -> Grade | None:
        match happening:
            case Progress():
                self._go_on(happening)
            case wire.Inspected():
                self._inspected = answer_check.checked_inspected(happening)
                self._model = self._inspected.model
            case StopAsked():
                return Cancelled(message=CANCELLED, model=self._model)
            case Garbled():
                return _no_answer(happening.why)
            case ChildGone():
                return self._ended(happening.status)
            case _ if self._handed:
                return answer_check.checked_grade(happening, self._job)
            case _:
                return answer_check.checked_failure(happening)
        return None

    def _go_on(self, progress: Progress) -> None:
        if self._handed:
            answer_check.checked_progress(progress)
        # Never back: a child that has touched the file is responsible for what follows.
        before, self._stage = self._stage, max(self._stage, progress.stage, key=_ORDER.index)
        now = asyncio.get_running_loop().time()
        if self._stage is not before or now - self._shown >= SHOW_SECONDS:
            self._shown = now
            self._on_progress(progress)

    def _look(self, watch: "_Watch") -> Grade | None:
        watch.count()
        if watch.stopped >= MOST_STOPPED:
            return failed(
                phrase(
                    "Something outside tfexam stopped the grading process, and it did not continue."
                )
            )
        if not self._handed:
            return None
        self._used()
        if self._child.memory() > self._job.memory_mb * 1e6:
            return verdicts.out_of_memory(self._model, self._job.limits.memory_mb)
        return None

    def _used(self) -> float:
        """Seconds of processor time that the child has used for the job, as far as we saw."""
        self._processor = max(self._processor, self._child.processor_seconds())
        return self._processor - self._processor_before

    def _ended(self, status: int) -> Grade:
        kills = kernel.oom_kills()
        death = verdicts.Death(
            self._stage,
            status,
            self._child.log_tail(),
            processor=self._used(),
            oom_killed=None not in (kills, self._oom_kills) and kills != self._oom_kills,
        )
        return verdicts.verdict(death, self._model, self._job.limits)

    def _too_late(self, watch: "_Watch") -> Grade:
        if not self._handed:
            return failed(NOT_READY)
        # Threads of one model also wait for each other: so only where little work was done.
        if watch.is_starved() and self._used() < self._job.limits.seconds:
            return failed(
                phrase("The machine was too busy for this grading: close other programs.")
            )
        return verdicts.timed_out(self._model, self._job.limits.seconds)


class _Watch:
    """Counts the seconds that a child has had, out of the `seconds` it may have."""

    def __init__(self, child: Child, seconds: float, *, extended: bool) -> None:
        self._child = child
        self._seconds = self._allowed = seconds
        self._extended = extended
        self._waited = child.kept_waiting()
        self._had = self.stopped = 0.0
        self._counted = asyncio.get_running_loop().time()

    def is_due(self) -> bool:
        """Whether it is time to look at the child, however much it talks."""
        return asyncio.get_running_loop().time() - self._counted >= LOOK_SECONDS

    def count(self) -> None:
        """Add the time since the last call."""
        now = asyncio.get_running_loop().time()
        passed, self._counted = min(now - self._counted, LONGEST_GAP), now
        if self._child.is_stopped():
            self.stopped += passed
        else:
            self._had += passed

    def left(self) -> float:
        """Seconds that it has left; time spent waiting for the processor is added at the end."""
        if self._had >= self._allowed and self._extended:
            waited = self._child.kept_waiting() - self._waited
            self._allowed = min(self._seconds + waited, self._seconds * MOST_TIMES)
        return self._allowed - self._had

    def is_starved(self) -> bool:
        """Whether it has waited for the processor too long."""
        waited = self._child.kept_waiting() - self._waited
        return self._seconds + waited > self._seconds * MOST_TIMES


def _no_answer(why: str) -> GraderFailed:
    return failed(phrase("The grading process gave an invalid answer: {why}", why=why))
