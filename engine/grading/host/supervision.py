"""One try at one job with one child: listens to it until there is a verdict.

Whatever the child says, fails to say, or dies of becomes a grade here; what it predicted is
measured by the marking process, since no child knows a target. Only processor time counts
against a model (`watch.py`); the kernel's own limits stand behind this watch over time and memory.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from engine.grading import wire
from engine.grading.host import answer_check, verdicts
from engine.grading.host.answer_check import UnfitAnswerError
from engine.grading.host.child import Child, ChildGone, Garbled, Happening, StopAsked
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.host.watch import Watch
from engine.grading.protocol import (
    Cancelled,
    Grade,
    Graded,
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

# A child that neither runs nor waits for a processor: twice its time, but a minute in any case.
IDLE_TIMES = 2.0
LEAST_IDLE = 60.0
MOST_STOPPED = 60.0
# A child reports ten times a second; one that floods us must not keep a screen busy.
SHOW_SECONDS = 0.05
# Turns of the event loop between bytes arriving and an answer in the inbox.
_TURNS = 8
CANCELLED = Message("Grading was cancelled.")
NOT_READY = phrase("The grading process did not get ready: is the machine overloaded?")

Said = TypeVar("Said")
Outcome = Grade | wire.Diagnosed
# What a child says when it has predicted.
Done = wire.Predicted | wire.Tried
OnProgress = Callable[[Progress], None]
_ORDER = list(Stage)


class Supervision:
    """Follows `child` through `job`, which `marking` marks; calls `on_handed` once it has it."""

    def __init__(
        self,
        child: Child,
        job: Job,
        marking: MarkingProcess,
        on_progress: OnProgress,
        on_handed: Callable[[], None],
    ) -> None:
        self._child = child
        self._job = job
        self._marking = marking
        self._on_progress = on_progress
        self._on_handed = on_handed
        self._handed = False
        self._stage = Stage.STARTING
        self._shown = 0.0
        self._model = ModelFacts()
        self._inspected: wire.Inspected | None = None
        self._watch: Watch | None = None
        self._oom_kills = kernel.oom_kills()
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Make `run` answer `Cancelled`."""
        self._stopped.set()
        self._child.stop()

    async def run(self, start_seconds: float) -> Outcome:
        """The verdict, or what a diagnosis found.

        Raises `OSError` when the job's files cannot be laid out.
        """
        starting = Watch(self._child.processor_use(), processor=start_seconds, idle=start_seconds)
        end = await self._follow(starting)
        if end is None:
            began = asyncio.get_running_loop().time()
            end = await self._hand_over() or await self._follow(self._job_watch())
            if isinstance(end, wire.Tried):
                return await self._diagnosed(end)
            if isinstance(end, wire.Predicted):
                end = await self._marked(end)
            seconds = asyncio.get_running_loop().time() - began
            runtime = self._inspected.runtime if self._inspected else None
            grade = end or failed(phrase("The grading process gave no answer."))
            return replace(grade, seconds=seconds, runtime=grade.runtime or runtime)
        assert not isinstance(end, Done)  # nobody predicts before there is a job
        return end

    async def _hand_over(self) -> Grade | None:
        """Give the child its job; the grade, if it comes to that at once."""
        files = self._child.job_files
        copying = asyncio.ensure_future(asyncio.to_thread(files.copy_in, Path(self._job.model)))
        try:
            laid = await self._unless_stopped(self._marking.lay_out(self._job, files.inputs))
        finally:
            await copying
        if not isinstance(laid, wire.LaidOut):
            return laid
        await self._child.hand_over(self._job, laid.input_scale)
        self._handed = True
        self._on_handed()
        return None

    def _job_watch(self) -> Watch:
        """Its imports do not count as work on the job."""
        limits = self._job.limits
        self._watch = Watch(
            self._child.processor_use(),
            processor=limits.processor_seconds,
            idle=max(LEAST_IDLE, IDLE_TIMES * limits.seconds),
        )
        return self._watch

    async def _marked(self, predicted: wire.Predicted) -> Grade:
        """What the predictions are worth."""
        self._go_on(Progress(Stage.MARKING))
        marked = await self._unless_stopped(
            self._marking.mark(self._job, self._child.job_files.predictions, predicted.shape)
        )
        if isinstance(marked, Graded):
            marked = replace(marked, notes=(*predicted.notes, *marked.notes))
        return replace(marked, model=self._model)

    async def _diagnosed(self, tried: wire.Tried) -> Outcome:
        """What the trials tell of the model."""
        self._go_on(Progress(Stage.MARKING))
        predictions = self._child.job_files.predictions
        return await self._unless_stopped(self._marking.mark_trials(self._job, predictions, tried))

    async def _unless_stopped(self, said: Awaitable[Said]) -> Said | Cancelled:
        """What the marking process says, or `Cancelled` if that is asked for before."""
        saying = asyncio.ensure_future(said)
        stopping = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait([saying, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not saying.done():
                return Cancelled(message=CANCELLED, model=self._model)
            return saying.result()
        finally:
            for each in (saying, stopping):
                each.cancel()

    async def _follow(self, watch: Watch) -> Grade | Done | None:
        """Listen until the child has used up what `watch` allows; None means that it is ready."""
        while not watch.is_over():
            happening = await self._child.next(watch.seconds_left())
            if happening == wire.READY and not self._handed:
                return None
            end = self._hear(happening) or self._look(watch)
            if end is not None:
                return end
        return await self._last_words() or self._too_late(watch)

    async def _last_words(self) -> Grade | Done | None:
        """The answer that is already here; a timer may fire before an earlier message is read."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        while (happening := self._child.next_now()) is not None:
            if (end := self._hear(happening)) is not None:
                return end
        return None

    def _hear(self, happening: Happening | None) -> Grade | Done | None:
        try:
            return None if happening is None else self._heard(happening)
        except UnfitAnswerError as error:
            return _no_answer(str(error))

    def _heard(self, happening: Happening) -> Grade | Done | None:
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
            case _ if not self._handed:
                return answer_check.checked_failure(happening)
            case wire.Predicted() | wire.Tried():
                return self._done(happening)
            case _:
                return answer_check.checked_grade(happening, self._job)
        return None

    def _done(self, done: Done) -> Grade | Done:
        """What the child has predicted, if that is what it was asked for."""
        if isinstance(done, wire.Tried) is not self._job.diagnose:
            return _no_answer("predictions for something else")
        if isinstance(done, wire.Tried):
            return answer_check.checked_tried(done)
        return answer_check.checked_predicted(done)

    def _go_on(self, progress: Progress) -> None:
        if self._handed:
            answer_check.checked_progress(progress)
        # Never back: a child that has touched the file is responsible for what follows.
        before, self._stage = self._stage, max(self._stage, progress.stage, key=_ORDER.index)
        now = asyncio.get_running_loop().time()
        if self._stage is not before or now - self._shown >= SHOW_SECONDS:
            self._shown = now
            self._on_progress(progress)

    def _look(self, watch: Watch) -> Grade | None:
        """Look at the child, if that is due: whether it talks or not."""
        if not watch.is_due():
            return None
        watch.count(stopped=self._child.is_stopped())
        if watch.stopped >= MOST_STOPPED:
            return failed(
                phrase(
                    "Something outside tfexam stopped the grading process, and it did not continue."
                )
            )
        if self._handed and self._child.holds_more_than(self._job.memory_mb * 1e6):
            return verdicts.out_of_memory(self._model, self._job.limits.memory_mb)
        return None

    def _ended(self, status: int) -> Grade:
        kills = kernel.oom_kills()
        death = verdicts.Death(
            self._stage,
            status,
            self._child.log_tail(),
            processor=self._watch.ran if self._watch else 0.0,
            oom_killed=None not in (kills, self._oom_kills) and kills != self._oom_kills,
        )
        return verdicts.verdict(death, self._model, self._job.limits)

    def _too_late(self, watch: Watch) -> Grade:
        if not self._handed:
            return failed(NOT_READY)
        if watch.is_worked_out():
            return verdicts.timed_out(self._model, self._job.limits)
        return failed(
            phrase(
                "The grading process did nothing for {seconds} s and gave no answer.",
                seconds=round(watch.idle),
            )
        )


def _no_answer(why: str) -> GraderFailed:
    return failed(phrase("The grading process gave an invalid answer: {why}", why=why))
