"""The proctor runs a sitting: the one thing a front end talks to.

One queue, one loop, one match: commands of the candidate, findings of the intake,
answers of the grader and the passing of time all come through `_handle`, so nothing ever
happens at once. An event counts only when it is in the journal. What follows from the
state (which submission is next, which is superseded, whether time is up) is derived from
the state after every item, so a crash or a full disk between two steps heals by itself.

The loop itself keeps the deadline: it waits for the next item no longer than until the
next second of the clock, and asks watch and grader instead of trusting that they told.
So it ends the sitting in time when all of them are dead.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self, assert_never

from engine.clock import Clock, Instant
from engine.errors import TransitionError
from engine.grading.protocol import Message
from engine.settings import Settings
from engine.sitting.commands import Command, Item, PutModelBack, Requests, Submit, TurnTo
from engine.sitting.ending import Ending, no_answer
from engine.sitting.furnishing import own_grader, watch_over
from engine.sitting.grading_queue import GraderLike, GradingQueue, overtaken
from engine.sitting.intake.findings import Finding, LastCallOver, Seen
from engine.sitting.intake.watcher import Watch
from engine.sitting.ledger import Ledger
from engine.sitting.notices import (
    FolderNotice,
    GradingProgress,
    Happened,
    Note,
    Tick,
    TimeLeft,
    Trouble,
    Unsubmitted,
)
from engine.sitting.state import events, reminders
from engine.sitting.state.events import EndReason, Event
from engine.sitting.state.sitting import Phase, Sitting, SittingRecord, SubmissionState, not_while
from engine.sitting.store.journal import Journal
from engine.sitting.store.record import need_kept, read_record, read_tasks
from engine.sitting.subscribers import Subscriber, Subscribers
from engine.supervisor import breathe
from exam_bank.phrase import phrase
from exam_bank.task import Task

_log = logging.getLogger(__name__)

_OPEN = (Phase.RUNNING, Phase.PAUSED)

_TORN = Message(
    "The last line of the journal was cut off when tfexam ended last. "
    "What it was about had not happened yet; nothing else is missing."
)
_AGAIN = Message("What was being graded when tfexam ended last is graded again.")


class Proctor(Requests):
    """One open sitting: made by `open`, driven by `run`, asked by `Requests`, let go by `close`."""

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
        super().__init__()
        self.folder, self.record, self.tasks = folder, record, tasks
        self._settings, self._clock = settings, clock
        self._torn = journal.torn
        self._ledger = Ledger(record, journal, clock, self._happened)
        self._subscribers = Subscribers()
        self._grading = GradingQueue(
            folder,
            record,
            tasks,
            grader,
            clock=clock,
            device=settings.grader_device,
            on_progress=self._put,
            on_answer=lambda: self._put(Command.LOOK),
        )
        self._watch: Watch | None = None
        self._watching: asyncio.Task[None] | None = None
        self._ending = Ending(folder, is_result_stale=bool(self.sitting.failed))
        self._told: int | None = None
        self._unsubmitted: frozenset[str] = frozenset()
        self._again = [each.number for each in self.sitting.failed]
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
                grader = own_grader(folder, settings)
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
        return self._ending.reason is not None or self.sitting.phase is Phase.ENDED

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every notice, on the event loop; returns what stops that."""
        return self._subscribers.add(subscriber)

    def look(self) -> None:
        """Look again: at the clock, and at the folders."""
        self._put(Command.LOOK)
        if self._watch is not None:
            self._watch.look()

    async def run(self) -> None:
        """Run the sitting until `close`; grades anew what a crash interrupted."""
        if self._closing is not None:
            return
        try:
            self._subscribers.attempt("begin", self._begin)
            while self._closing is None:
                try:
                    await self._turn()
                except Exception as error:  # even memory for a timer may be refused
                    with contextlib.suppress(Exception):
                        _log.error("a turn of the proctor failed", exc_info=error)
                    await breathe()
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of everything, quickly; a grading that goes on is done again next time."""
        if self._closing is None:
            # Awaited by whoever closes, here and again on the way out.
            self._closing = asyncio.create_task(self._close(), name="tfexam proctor close")
        await asyncio.shield(self._closing)

    # -- the loop ---------------------------------------------------------------------

    def _begin(self) -> None:
        self._put(Command.LOOK)
        if self._torn:
            self._subscribers.tell(Note("", _TORN))
        if any(each.state is SubmissionState.GRADING for each in self.sitting.submissions):
            self._subscribers.tell(Note("", _AGAIN))
        if self.sitting.phase is not Phase.ENDED:
            self._grading.open()

    async def _turn(self) -> None:
        """One item, or the next second of the clock."""
        item = await self._next()
        if self._closing is None:
            self._handle(item)

    async def _next(self) -> Item:
        try:
            async with asyncio.timeout(self._seconds_to_next()):
                return await self._queue.get()
        except TimeoutError:
            return Command.LOOK

    def _seconds_to_next(self) -> float | None:
        """When the time left reaches its next whole second; at rest, never."""
        if self.sitting.phase is Phase.RUNNING:
            return reminders.seconds_to_next(self.time_left())
        is_ending = self.ending and not self._ending.is_over
        is_busy = is_ending or self.sitting.unfinished or self._ledger.backlog
        return reminders.SECOND if is_busy else None

    def _handle(self, item: Item) -> None:
        """Do what `item` asks, then whatever follows from the state."""
        attempt = self._subscribers.attempt
        attempt("act", lambda: self._act_on(item))
        attempt("watch", self._mind_the_watch)
        attempt("advance", self._advance)
        attempt("remind", self._remind)

    def _act_on(self, item: Item) -> None:
        match item:
            case Command():
                self._obey(item)
            case Submit():
                self._submit_by_hand(item.task)
            case TurnTo():
                self._turn_to(item.task)
            case PutModelBack():
                self._put_model_back(item.number)
            case _:
                self._pass_on(item)

    def _reported(self, found: Finding | Unsubmitted | LastCallOver) -> None:
        """What the watch tells; a model waits at once to be written down, lest it get lost."""
        if isinstance(found, Seen | LastCallOver):
            self._put(Command.LOOK)  # first: what raises here is told again
        else:
            self._put(found)
        if isinstance(found, Seen):
            self._ledger.backlog.append(found)

    def _pass_on(self, notice: FolderNotice | GradingProgress) -> None:
        if isinstance(notice, Unsubmitted):
            self._unsubmitted = notice.tasks
        if isinstance(notice, GradingProgress) and notice.number != self._grading.number:
            return  # its grade has come meanwhile
        self._subscribers.tell(notice)

    def _obey(self, command: Command) -> None:
        now = self._clock.now()
        match command:
            case Command.START:
                self._ledger.record(events.Started(at=now))
            case Command.PAUSE:
                self._need_time()
                self._ledger.record(events.Paused(at=now))
            case Command.RESUME:
                self._ledger.record(events.Resumed(at=now))
            case Command.CANCEL:
                self._grading.cancel()
            case Command.END:
                # After the deadline the clock ends it: a later file must not come in.
                if self.sitting.phase is not Phase.RUNNING or self.time_left() > 0:
                    self._call_last("candidate", now)
            case Command.LOOK:
                if (progress := self._grading.progress) is not None:
                    self._subscribers.tell(progress)
            case _:
                assert_never(command)
        if command is not Command.CANCEL:
            self._subscribers.tell(Tick(self.time_left()))

    def _submit_by_hand(self, task: str) -> None:
        watch = self._need_watch()
        if task not in self.tasks:
            raise TransitionError(phrase("The task {task} is not of this paper.", task=task))
        watch.insist(task)

    def _turn_to(self, task: str) -> None:
        if self.sitting.phase in _OPEN and self.sitting.task != task:
            self._ledger.record(events.Turned(at=self._clock.now(), task=task))

    def _put_model_back(self, number: int) -> None:
        watch, was = self._need_watch(), self.sitting.submission(number)
        need_kept(self.folder, was)
        # First the fact: after a crash in between, the model that lies there is known.
        self._ledger.record(events.PutBack(at=self._clock.now(), number=number))
        watch.put_back(was.task, was.sha256)

    def _need_watch(self) -> Watch:
        """The watch of an open sitting; raises `TransitionError` when nothing can be changed."""
        self._need_time()
        if self.sitting.phase not in _OPEN:
            raise not_while(self.sitting.phase)
        self._open_watch()  # it may be the first thing that is asked after opening
        assert self._watch is not None
        return self._watch

    def _need_time(self) -> None:
        if self.ending or (self.sitting.phase is Phase.RUNNING and self.time_left() <= 0):
            raise TransitionError(phrase("The time is up."))

    # -- what follows from the state --------------------------------------------------

    def _advance(self) -> None:
        if (answered := self._grading.answered()) is not None:
            self._ledger.backlog.append(answered)
        self._ledger.write_backlog()
        self._end_in_time()
        for number, by in overtaken(self.sitting):
            self._ledger.record(events.Superseded(at=self._clock.now(), number=number, by=by))
        self._grade_next()
        self._finish()

    def _end_in_time(self) -> None:
        ending, deadline = self._ending, self.sitting.deadline
        if deadline is not None and self.time_left() <= 0 and ending.reason is None:
            self._call_last("time", deadline)
        if ending.gives_up(self._watch, self._clock.now()):
            self._subscribers.tell(Trouble(no_answer(self.record.workspace)))
        if ending.last_call_over and self.sitting.phase in _OPEN and ending.reason is not None:
            self._ledger.record(events.Ended(at=self._clock.now(), reason=ending.reason))
            self._subscribers.tell(Tick(self.time_left()))

    def _remind(self) -> None:
        minutes = reminders.due(self.sitting, self.time_left(), self._told)
        if minutes is not None:
            # Told first, and again to nobody: a full disk must not keep it from the candidate.
            self._told = minutes
            self._subscribers.tell(TimeLeft(minutes))
        told, running = self._told, self.sitting.phase is Phase.RUNNING
        if told is not None and told != self.sitting.warned and running:
            self._ledger.record(events.Warned(at=self._clock.now(), minutes=told))

    def _grade_next(self) -> None:
        """Grade what waits; then, once each opening, what our grader failed on before."""
        unfinished = [each.number for each in self.sitting.unfinished]
        if self._grading.number is not None and self._grading.number not in unfinished:
            self._grading.clear()  # its grade is written down
        waiting = unfinished or self._again
        if self._grading.number is None and waiting:
            number = waiting[0]
            self._ledger.record(events.GradingStarted(at=self._clock.now(), number=number))
            self._again = [each for each in self._again if each != number]
            self._grading.begin(self.sitting.submission(number), self.sitting.attempt(number))

    def _finish(self) -> None:
        """Once nothing can change any more: write the result, let the grader go."""
        if not self._again and self._ending.finishes(self.sitting):
            # Awaited by `_close`, which closes what this did not.
            self._leaving = asyncio.create_task(self._grading.close(), name="tfexam grader close")

    def _call_last(self, reason: EndReason, deadline: Instant) -> None:
        if self.sitting.phase not in _OPEN:
            raise not_while(self.sitting.phase)
        self._ending.call_last(reason, deadline, self._watch, self._clock.now())

    # -- small things -----------------------------------------------------------------

    def _happened(self, event: Event, sitting: Sitting) -> None:
        self._subscribers.tell(Happened(event, sitting))

    def _mind_the_watch(self) -> None:
        """See that the watch of an open sitting runs, also when its task has died."""
        if self.sitting.phase not in _OPEN or self._ending.last_call_over:
            return
        task = self._watching
        if task is not None and task.done() and self._watch is not None and not self._watch.is_over:
            self._watch = self._watching = None
        self._open_watch()

    def _open_watch(self) -> None:
        if self._watch is None:
            self._watch = watch_over(
                self.folder,
                self.record,
                self.tasks,
                self.sitting.present,
                settings=self._settings,
                clock=self._clock,
                report=self._reported,
            )
            if self._ending.deadline is not None:
                self._watch.last_call(self._ending.deadline)
        if self._watching is None:
            # Supervised in `Watch.run`, and minded above.
            self._watching = asyncio.create_task(self._watch.run(), name="tfexam watch")
            self._watching.add_done_callback(lambda _: self._put(Command.LOOK))

    async def _close(self) -> None:
        try:
            if self._watching is not None:
                self._watching.cancel()
            waited_for = [each for each in (self._watching, self._leaving) if each is not None]
            await asyncio.gather(*waited_for, return_exceptions=True)
            await self._grading.close()
        finally:
            self._ledger.close()
            self._put(Command.LOOK)  # wakes `run`
