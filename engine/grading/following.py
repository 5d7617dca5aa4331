"""One try at one job with one child: listens to it until there is a verdict.

Whatever the child says, does not say, or dies of becomes a grade here; the watch over
time and memory is the looser one of the two, behind it stand the kernel's own limits.
"""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from engine.grading import endings, wire
from engine.grading.child import Child, Ended, Garbled, Happening, Stopped
from engine.grading.protocol import (
    Cancelled,
    Grade,
    Job,
    Message,
    ModelFacts,
    Progress,
    Stage,
    failed,
)
from exam_bank.phrase import phrase

LOOK_SECONDS = 0.25
# A training beside leaves a grading little of the processor; that is no fault of the model.
MOST_TIMES = 4.0
CANCELLED = Message("Grading was cancelled.")
NOT_READY = phrase("The grading process did not become ready: is the machine overloaded?")

OnProgress = Callable[[Progress], None]


class Following:
    """Follows `child` with `job`; calls `on_handed` when the child has it."""

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
        grade = grade or failed(phrase("The grading process gave no answer."))
        runtime = self._inspected.runtime if self._inspected else None
        return replace(
            grade,
            seconds=clock.time() - handed,
            runtime=grade.runtime or runtime,
        )

    async def _follow(self, seconds: float, *, until_ready: bool) -> Grade | None:
        """Listen for at most `seconds`; None means that the child is ready.

        A job's `seconds` are longer by what the child had to wait for the processor.
        """
        clock = asyncio.get_running_loop()
        started, waited_before = clock.time(), self._child.kept_waiting()
        deadline, look = started + seconds, started + LOOK_SECONDS
        while True:
            now = clock.time()
            if now >= deadline and not until_ready:
                waited = self._child.kept_waiting() - waited_before
                deadline = started + min(seconds + waited, seconds * MOST_TIMES)
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
                return Cancelled(message=CANCELLED, model=self._model)
            case Garbled():
                return failed(
                    phrase(
                        "The grading process gave an answer that is none: {why}", why=happening.why
                    )
                )
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
            return failed(NOT_READY)
        return endings.timed_out(self._model, self._job.limits.seconds)

    def _too_large(self) -> Grade | None:
        held = self._child.memory()
        self._most_memory = max(self._most_memory, held)
        if held > self._job.memory_mb * 1e6:
            return endings.out_of_memory(self._model, self._job.limits.memory_mb)
        return None
