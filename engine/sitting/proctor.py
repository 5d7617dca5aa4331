"""The proctor runs a sitting: the one thing a front end talks to.

One queue, one loop, one match: commands of the candidate, findings of the intake,
answers of the grader and the passing of time all come through `_handle`, so nothing ever
happens at once. An event counts only when it is in the journal. What follows from the
state (which submission is next, which is superseded, whether time is up) is derived from
the state after every item, so a crash or a full disk between two steps heals by itself.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from enum import Enum, auto
from pathlib import Path
from typing import Self, assert_never

import msgspec

from engine import report
from engine.clock import Clock, Instant
from engine.errors import TransitionError, WorkspaceError
from engine.grading.protocol import Message, Progress
from engine.settings import Settings
from engine.sitting import events, reminders
from engine.sitting.attempt import (
    Phase,
    Sitting,
    SittingRecord,
    SubmissionState,
)
from engine.sitting.audience import Audience, Listener
from engine.sitting.events import EndReason, Event
from engine.sitting.findings import Edited, Fault, LastCallOver, Remark, Seen
from engine.sitting.grading_desk import GraderLike, GradingDesk
from engine.sitting.intake import Intake
from engine.sitting.journal import Journal
from engine.sitting.ledger import Answered, Ledger
from engine.sitting.notices import (
    Editing,
    GradingProgress,
    Happened,
    Note,
    Tick,
    TimeLeft,
    Unsubmitted,
)
from engine.sitting.record import category_folders, read_record, read_tasks, submission_file
from engine.sitting.watching import Watch
from exam_bank.task import Task

_SECOND = 1.0
_OPEN = (Phase.RUNNING, Phase.PAUSED)


class _Command(Enum):
    START = auto()
    CANCEL = auto()
    PAUSE = auto()
    RESUME = auto()
    END = auto()
    LOOK = auto()


class _Submit(msgspec.Struct, frozen=True):
    task: str


class _Turn(msgspec.Struct, frozen=True):
    task: str


class _PutBack(msgspec.Struct, frozen=True):
    number: int


class _Progressed(msgspec.Struct, frozen=True):
    number: int
    progress: Progress


_Request = _Command | _Submit | _Turn | _PutBack
_Found = Seen | Edited | Remark | Fault | Unsubmitted | LastCallOver
_Item = _Request | _Progressed | Answered | _Found


class Proctor:
    """One open sitting. Made by `open`, driven by `run`, let go by `close`.

    The commands (`start`, `submit`, …) return at once and may be called before `run`;
    what came of them is told to the listeners, a refusal as `Trouble`.
    """

    def __init__(
        self,
        folder: Path,
        record: SittingRecord,
        tasks: Mapping[str, Task],
        journal: Journal,
        *,
        settings: Settings,
        clock: Clock,
        grader: GraderLike,
    ) -> None:
        """Use `open`."""
        self.folder, self.record, self.tasks = folder, record, tasks
        self._settings, self._clock = settings, clock
        self._torn = journal.torn
        self._ledger = Ledger(record, journal, clock, self._happened)
        self._audience = Audience()
        self._queue: asyncio.Queue[_Item] = asyncio.Queue()
        self._desk = GradingDesk(
            folder,
            record,
            tasks,
            grader,
            clock=clock,
            device=settings.grader_device,
            on_progress=lambda number, progress: self._put(_Progressed(number, progress)),
            on_grade=lambda number, grade: self._put(Answered(number, grade)),
        )
        self._watch: Watch | None = None
        self._watching: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ending: EndReason | None = None
        self._last_call_over = False
        self._finished = False
        self._told: int | None = None
        self._unsubmitted: frozenset[str] = frozenset()
        self._again = [each.number for each in self.sitting.failed]
        self._is_result_stale = bool(self._again)
        self._leaving: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def open(
        cls, folder: Path, *, settings: Settings, clock: Clock, grader: GraderLike | None = None
    ) -> Self:
        """Open the sitting in `folder`: take its lock, replay its journal.

        Nothing moves before `run`. Raises `SittingLockedError` when another process has
        it open, `JournalError` when its journal is damaged or its folder cannot be
        written, `WorkspaceError` or `TaskFileError` when the folder is not a sitting.
        """
        record = read_record(folder)
        tasks = read_tasks(folder, record)
        journal = Journal.open(folder, clock)
        try:
            if grader is None:
                grader = _own_grader(folder, settings)
            return cls(
                folder, record, tasks, journal, settings=settings, clock=clock, grader=grader
            )
        except BaseException:
            journal.close()
            raise

    # -- what a front end may ask -----------------------------------------------------

    @property
    def sitting(self) -> Sitting:
        """The state at the last event."""
        return self._ledger.sitting

    @property
    def unsubmitted(self) -> frozenset[str]:
        """The tasks in whose folders lies a model that was saved and not taken in."""
        return self._unsubmitted

    def time_left(self) -> float:
        """Exam seconds left now; never negative."""
        return self.sitting.time_left(self._clock.now())

    @property
    def ending(self) -> bool:
        """Whether the sitting is about to end: nothing can be submitted any more."""
        return self._ending is not None or self.sitting.phase is Phase.ENDED

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every notice, on the event loop; returns what stops that."""
        return self._audience.add(listener)

    def start(self) -> None:
        """Start the clock."""
        self._put(_Command.START)

    def submit(self, task: str) -> None:
        """Submit the present mymodel.h5 of `task`, even if it was submitted before."""
        self._put(_Submit(task))

    def turn_to(self, task: str) -> None:
        """From now on the time is spent on `task`."""
        self._put(_Turn(task))

    def put_back(self, number: int) -> None:
        """Put the model of a submission back into its category folder; it is not graded anew."""
        self._put(_PutBack(number))

    def cancel(self) -> None:
        """Stop the grading that goes on, if one does; it gives no score."""
        self._put(_Command.CANCEL)

    def pause(self) -> None:
        """Stop the clock of a practice session."""
        self._put(_Command.PAUSE)

    def resume(self) -> None:
        """Let the clock of a practice session go on."""
        self._put(_Command.RESUME)

    def end(self) -> None:
        """End the sitting; complete models that are there now are still submitted."""
        self._put(_Command.END)

    def look(self) -> None:
        """Look again: at the clock, and at the folders."""
        self._put(_Command.LOOK)
        if self._watch is not None:
            self._watch.look()

    async def run(self) -> None:
        """Run the sitting until `close`; grades anew what a crash interrupted."""
        if self._closing is not None:
            return
        try:
            self._begin()
            while True:
                item = await self._queue.get()
                if self._closing is not None:
                    return
                self._handle(item)
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of everything, quickly; a grading that goes on is done again next time."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="tfexam proctor close")
        await asyncio.shield(self._closing)

    # -- the loop ---------------------------------------------------------------------

    def _begin(self) -> None:
        if self._torn:
            self._audience.tell(Note("", _TORN))
        if any(each.state is SubmissionState.GRADING for each in self.sitting.submissions):
            self._audience.tell(Note("", _AGAIN))
        if self.sitting.phase is not Phase.ENDED:
            self._desk.open()
        self._put(_Command.LOOK)

    def _handle(self, item: _Item) -> None:
        """Do what `item` asks, then whatever follows from the state; never raises."""
        self._audience.attempt(lambda: self._act_on(item))
        self._audience.attempt(self._advance)
        self._audience.attempt(self._remind)
        self._arm_timer()

    def _act_on(self, item: _Item) -> None:
        match item:
            case _Command():
                self._obey(item)
            case _Submit():
                self._submit_by_hand(item.task)
            case _Turn():
                self._turn_to(item.task)
            case _PutBack():
                self._put_model_back(item.number)
            case Seen() | Answered():
                self._ledger.backlog.append(item)
            case _Progressed():
                self._tell_progress(item.progress)
            case LastCallOver():
                self._last_call_over = True
            case _:
                self._pass_on(item)

    def _pass_on(self, found: Edited | Remark | Fault | Unsubmitted) -> None:
        match found:
            case Edited():
                self._audience.tell(Editing(found.task))
            case Remark():
                self._audience.tell(Note(found.task, found.message))
            case Fault():
                self._audience.trouble(found.error)
            case Unsubmitted():
                self._unsubmitted = found.tasks
                self._audience.tell(found)
            case _:
                assert_never(found)

    def _obey(self, command: _Command) -> None:
        now = self._clock.now()
        match command:
            case _Command.START:
                self._ledger.record(events.Started(at=now))
            case _Command.PAUSE:
                self._need_time()
                self._ledger.record(events.Paused(at=now))
            case _Command.RESUME:
                self._ledger.record(events.Resumed(at=now))
            case _Command.CANCEL:
                self._desk.cancel()
            case _Command.END:
                # After the deadline the clock ends it: a later file must not come in.
                if self.sitting.phase is not Phase.RUNNING or self.time_left() > 0:
                    self._call_last("candidate", now)
            case _Command.LOOK:
                if self._desk.number is not None:
                    self._tell_progress(self._desk.progress)
            case _:
                assert_never(command)
        if command is not _Command.CANCEL:
            self._audience.tell(Tick(self.time_left()))

    def _submit_by_hand(self, task: str) -> None:
        watch = self._need_watch()
        if task not in self.tasks:
            raise TransitionError(f"The task {task} is not of this paper.")
        watch.insist(task)

    def _turn_to(self, task: str) -> None:
        if self.sitting.phase in _OPEN and self.sitting.task != task:
            self._ledger.record(events.Turned(at=self._clock.now(), task=task))

    def _put_model_back(self, number: int) -> None:
        watch, was = self._need_watch(), self.sitting.submission(number)
        if not (kept := submission_file(self.folder, was.sha256)).is_file():
            raise WorkspaceError(f"The kept copy of submission {number} is gone from {kept}.")
        # First the fact: after a crash in between, the model that lies there is known.
        self._ledger.record(events.PutBack(at=self._clock.now(), number=number))
        watch.put_back(was.task, was.sha256)

    def _need_watch(self) -> Watch:
        """The watch of an open sitting; raises `TransitionError` when nothing can be changed."""
        self._need_time()
        if self.sitting.phase not in _OPEN:
            raise TransitionError(f"This sitting is {self.sitting.phase}.")
        self._open_watch()  # it may be the first thing that is asked after opening
        assert self._watch is not None
        return self._watch

    def _need_time(self) -> None:
        if self.ending or (self.sitting.phase is Phase.RUNNING and self.time_left() <= 0):
            raise TransitionError("The time is up.")

    # -- what follows from the state --------------------------------------------------

    def _advance(self) -> None:
        if self.sitting.phase in _OPEN:
            self._open_watch()
        self._ledger.write_backlog(self._written)
        deadline = self.sitting.deadline
        if deadline is not None and self.time_left() <= 0 and self._ending is None:
            self._call_last("time", deadline)
        if self._last_call_over and self.sitting.phase in _OPEN and self._ending is not None:
            self._ledger.record(events.Ended(at=self._clock.now(), reason=self._ending))
            self._audience.tell(Tick(self.time_left()))
        self._supersede()
        self._grade_next()
        self._finish()

    def _remind(self) -> None:
        minutes = reminders.due(self.sitting, self.time_left(), self._told)
        if minutes is not None:
            # Told first, and again to nobody: a full disk must not keep it from the candidate.
            self._told = minutes
            self._audience.tell(TimeLeft(minutes))
        told, running = self._told, self.sitting.phase is Phase.RUNNING
        if told is not None and told != self.sitting.warned and running:
            self._ledger.record(events.Warned(at=self._clock.now(), minutes=told))

    def _supersede(self) -> None:
        newest: dict[str, int] = {}
        for each in reversed(self.sitting.submissions):
            if each.state is SubmissionState.WAITING and each.task in newest:
                by = newest[each.task]
                self._ledger.record(
                    events.Superseded(at=self._clock.now(), number=each.number, by=by)
                )
            newest.setdefault(each.task, each.number)

    def _grade_next(self) -> None:
        """Grade what waits; then, once each opening, what our grader failed on before."""
        waiting = [each.number for each in self.sitting.unfinished] or self._again
        if self._desk.number is None and waiting:
            number = waiting[0]
            self._ledger.record(events.GradingStarted(at=self._clock.now(), number=number))
            self._again = [each for each in self._again if each != number]
            self._desk.begin(self.sitting.submission(number), self.sitting.attempt(number))

    def _finish(self) -> None:
        """Once nothing can change any more: write the result, let the grader go."""
        is_open = self.sitting.unfinished or self._again
        if self.sitting.phase is Phase.ENDED and not is_open and not self._finished:
            if self._is_result_stale or not (self.folder / report.FILE_NAME).exists():
                report.write(self.folder, report.result(self.sitting))
            self._finished = True
            self._leaving = asyncio.create_task(self._desk.close(), name="tfexam grader close")

    def _call_last(self, reason: EndReason, deadline: Instant) -> None:
        """Begin to end: first everything that is in the folders by `deadline` is taken in."""
        if self.sitting.phase not in _OPEN:
            raise TransitionError(f"This sitting is {self.sitting.phase}.")
        if self._ending is None:
            self._ending = reason
            if self._watch is not None:
                self._watch.last_call(deadline)
            else:
                self._last_call_over = True

    # -- small things -----------------------------------------------------------------

    def _happened(self, event: Event, sitting: Sitting) -> None:
        self._audience.relieved()
        self._audience.tell(Happened(event, sitting))

    def _written(self, item: Seen | Answered) -> None:
        if isinstance(item, Answered):
            self._desk.clear()

    def _open_watch(self) -> None:
        if self._watch is not None:
            return
        folders = category_folders(self.record)
        intake = Intake(
            folders,
            self.folder / "submissions",
            self._clock,
            last_hashes=self.sitting.present,
            automatic=self._settings.auto_grade,
        )
        self._watch = Watch(
            intake,
            folders.values(),
            self._clock,
            poll_seconds=self._settings.poll_seconds,
            report=self._put,
        )
        self._watching = asyncio.create_task(self._watch.run(), name="tfexam watch")

    def _arm_timer(self) -> None:
        """Look again when the time left reaches its next whole second; at rest, never."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._closing is not None:
            return
        phase, delay = self.sitting.phase, _SECOND
        if phase is Phase.RUNNING:
            left = self.time_left()
            delay = left - math.floor(left) or _SECOND
        is_ending = (self._ending is not None or phase is Phase.ENDED) and not self._finished
        if phase is Phase.RUNNING or is_ending or self.sitting.unfinished or self._ledger.backlog:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(delay, 0.02), self._put, _Command.LOOK)

    def _put(self, item: _Item) -> None:
        self._queue.put_nowait(item)

    def _tell_progress(self, progress: Progress) -> None:
        if (number := self._desk.number) is not None:
            task = self.sitting.submissions[number - 1].task
            self._audience.tell(GradingProgress(number, task, progress, self._desk.seconds))

    async def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._leaving is not None:
            await self._leaving
        await self._desk.close()
        self._ledger.close()
        self._put(_Command.LOOK)  # wakes `run`


_TORN = Message(
    "The last line of the journal was cut off when tfexam ended last. "
    "What it was about had not happened yet; nothing else is missing."
)
_AGAIN = Message("What was being graded when tfexam ended last is graded again.")


def _own_grader(folder: Path, settings: Settings) -> GraderLike:
    from engine.grading.grader import Grader
    from engine.grading.nursery import Nursery

    logs, device = folder / "logs", settings.grader_device
    forks = settings.prewarm and Nursery.possible(device)
    nursery = Nursery(logs) if forks else None
    return Grader(logs=logs, prewarm=settings.prewarm, device=device, nursery=nursery)
