"""The proctor runs a sitting: the one thing a front end talks to.

One queue, one loop, one match: commands of the candidate, findings of the watcher,
answers of the grader and the passing of time all come through `_handle`, so nothing ever
happens at once. An event counts only when it is in the journal. What follows from the
state (which submission is next, which is superseded, whether time is up) is derived from
the state after every item, so a crash or a full disk between two steps heals by itself.

The loop itself keeps the deadline: it waits for the next item no longer than until the
next second of the clock, and asks watcher and grader instead of trusting that they told.
So it ends the sitting in time when all of them are dead.
"""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self, assert_never

from engine.clock import Clock, Instant
from engine.errors import TransitionError
from engine.settings import Settings
from engine.sitting import commands, notices
from engine.sitting.commands import Command, Item
from engine.sitting.diagnosis_queue import Diagnoser, DiagnosisQueue
from engine.sitting.grading_queue import GraderLike, GradingQueue, grader_of, overtaken
from engine.sitting.help import help_event
from engine.sitting.intake.last_call import LastCall, no_answer
from engine.sitting.intake.scanner import Seen
from engine.sitting.intake.sentences import as_message
from engine.sitting.intake.watcher import Watcher, watcher_of
from engine.sitting.ledger import ACT, Ledger, Subscriber, Subscribers
from engine.sitting.not_taken import write_not_taken
from engine.sitting.state import events, reminders, report
from engine.sitting.state.events import EndReason
from engine.sitting.state.sitting import Phase, Sitting, SittingRecord, SubmissionState, not_while
from engine.sitting.store.history import faithful_tasks
from engine.sitting.store.journal import Journal
from engine.sitting.store.opening import open_folders
from engine.sitting.store.record import need_kept, read_record, read_tasks
from engine.supervisor import breathe
from exam_bank.phrase import phrase
from exam_bank.task import Task

_log = logging.getLogger(__name__)

_OPEN = (Phase.RUNNING, Phase.PAUSED)


class Proctor:
    """One open sitting: made by `open`, driven by `run`, let go by `close`.

    Every request returns at once and may be made before `run`; what came of it is told to
    the subscribers, a refusal as `Trouble`.
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
        diagnoser: Diagnoser | None = None,
    ) -> None:
        """Use `open`."""
        self.folder, self.record, self.tasks = folder, record, tasks
        self._settings, self._clock = settings, clock
        self._queue: asyncio.Queue[Item] = asyncio.Queue()
        self._torn = journal.torn
        self._subscribers = Subscribers()
        self._ledger = Ledger(record, journal, clock, self._subscribers)
        self._grading = GradingQueue(
            folder,
            record,
            tasks,
            grader,
            clock=clock,
            device=settings.grader_device,
            h5_only=not self.takes_keras_files,
            on_progress=self._put,
            on_answer=lambda: self._put(Command.LOOK),
        )
        self._diagnoses = DiagnosisQueue(self._grading.jobs, diagnoser, self._put)
        self._watcher: Watcher | None = None
        self._watcher_task: asyncio.Task[None] | None = None
        self._unsubmitted: frozenset[str] = frozenset()
        self._strays: tuple[notices.StrayModel, ...] = ()
        # Told and not written down yet: the fewest minutes left.
        self._told: int | None = None
        # Once each opening, what our grader failed on before is graded again.
        self._again = [each.number for each in self._ledger.sitting.failed]
        self._last_call: LastCall | None = None
        self._is_result_stale = bool(self._again)
        self._is_finished = False
        self._leaving: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        settings: Settings,
        clock: Clock,
        grader: GraderLike | None = None,
        diagnoser_of: Callable[[GraderLike], Diagnoser | None] = lambda _: None,
    ) -> Self:
        """Open the sitting in `folder`: take its lock, replay its journal.

        Where the sitting explains grades, what `diagnoser_of` makes diagnoses models meanwhile.
        Nothing moves before `run`. Raises `SittingLockedError` when another process has
        it open, `JournalError` when its journal is damaged or its folder cannot be
        written, `WorkspaceError` or `TaskFileError` when the folder is not a sitting.
        """
        record = read_record(folder)
        tasks = read_tasks(folder, record)
        journal = Journal.open(folder, clock)
        try:
            grader = grader or grader_of(folder, settings)
            made = functools.partial(cls, folder, record, tasks, journal, grader=grader)
            return made(settings=settings, clock=clock, diagnoser=diagnoser_of(grader))
        except BaseException:
            journal.close()
            raise

    @property
    def sitting(self) -> Sitting:
        """The state at the last event, as it may be shown."""
        return self._ledger.sitting.as_shown()

    @property
    def unsubmitted(self) -> frozenset[str]:
        """The tasks in whose folders lies a model that was saved and not taken in."""
        return self._unsubmitted

    @property
    def takes_keras_files(self) -> bool:
        """Whether mymodel.keras is graded, too."""
        return self.record.takes_keras_files(self._settings.keras_files)

    @property
    def strays(self) -> tuple[notices.StrayModel, ...]:
        """The models that lie in the folders under other names."""
        return self._strays

    @property
    def ending(self) -> bool:
        """Whether the sitting is about to end: nothing can be submitted any more."""
        return self._last_call is not None or self._ledger.sitting.phase is Phase.ENDED

    @property
    def finished(self) -> bool:
        """Whether the sitting has ended, everything is graded and its result is written."""
        return self._is_finished

    def time_left(self) -> float:
        """Exam seconds left now; never negative."""
        return self._ledger.sitting.time_left(self._clock.now())

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every notice, on the event loop; returns what stops that."""
        return self._subscribers.add(subscriber)

    def start(self) -> None:
        """Start the clock."""
        self._put(Command.START)

    def submit(self, task: str) -> None:
        """Submit the present mymodel.h5 of `task`, even if it was submitted before."""
        self._put(commands.Submit(task))

    def turn_to(self, task: str) -> None:
        """From now on the time is spent on `task`."""
        self._put(commands.TurnTo(task))

    def put_back(self, number: int) -> None:
        """Put the model of a submission back into its category folder; it is not graded anew."""
        self._put(commands.PutModelBack(number))

    def take_file(self, task: str, path: Path) -> None:
        """Take the file at `path` as the model of `task`, and submit it."""
        self._put(commands.TakeFile(task, str(path)))

    def see_hint(self, task: str) -> None:
        """Show the next hint of `task`; refused unless in coach mode."""
        self._put(commands.SeeHint(task))

    def give_up(self, task: str) -> None:
        """Give `task` up in practice, to see its solutions."""
        self._put(commands.GiveUp(task))

    def cancel(self) -> None:
        """Stop the grading that goes on, if one does; it gives no score."""
        self._put(Command.CANCEL)

    def pause(self) -> None:
        """Stop the clock of a practice session."""
        self._put(Command.PAUSE)

    def resume(self) -> None:
        """Let the clock of a practice session go on."""
        self._put(Command.RESUME)

    def end(self) -> None:
        """End the sitting; complete models that are there now are still submitted."""
        self._put(Command.END)

    def look(self) -> None:
        """Look again: at the clock, and at the folders."""
        self._put(Command.LOOK)
        if self._watcher is not None:
            self._watcher.look()

    async def run(self) -> None:
        """Run the sitting until `close`; grades anew what a crash interrupted."""
        if self._closing is not None:
            return
        try:
            self._subscribers.guard("begin", self._begin)
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
        # Shielded: whoever waits may be cancelled, and the journal is closed all the same.
        await asyncio.shield(self._closing)

    def _put(self, item: Item) -> None:
        self._queue.put_nowait(item)

    def _begin(self) -> None:
        self._put(Command.LOOK)
        if self._torn:
            self._subscribers.tell(notices.Note("", notices.TORN))
        if any(each.state is SubmissionState.GRADING for each in self._ledger.sitting.submissions):
            self._subscribers.tell(notices.Note("", notices.AGAIN))
        if self._ledger.sitting.phase is not Phase.ENDED:
            self._grading.open()

    async def _turn(self) -> None:
        """One item, or the next second of the clock; then whatever follows from the state."""
        item = await self._next()
        if self._closing is not None:
            return
        # Each step by itself: one that cannot be done keeps the clock from nothing.
        guard = self._subscribers.guard
        guard(ACT, lambda: self._act_on(item))
        guard("watch", self._mind_the_watcher)
        guard("advance", self._advance)
        guard("remind", self._remind)

    async def _next(self) -> Item:
        try:
            async with asyncio.timeout(self._seconds_to_next()):
                return await self._queue.get()
        except TimeoutError:
            return Command.LOOK

    def _seconds_to_next(self) -> float | None:
        """When the time left reaches its next whole second; at rest, never."""
        if self._ledger.sitting.phase is Phase.RUNNING:
            return reminders.seconds_to_next(self.time_left())
        is_ending = self.ending and not self._is_finished
        is_busy = is_ending or self._ledger.sitting.unfinished or self._ledger.backlog
        return reminders.SECOND if is_busy else None

    def _act_on(self, item: Item) -> None:
        match item:
            case Command():
                self._obey(item)
                if item is not Command.CANCEL:
                    self._subscribers.tell(notices.Tick(self.time_left()))
            case commands.Submit() | commands.TakeFile():
                self._submit_by_hand(item)
            case commands.TurnTo() | commands.SeeHint() | commands.GiveUp():
                self._on_task(item)
            case commands.PutModelBack():
                self._put_model_back(item.number)
            case notices.GradingProgress():
                if item.number == self._grading.number:  # else its grade has come meanwhile
                    self._subscribers.tell(item)
            case notices.Unsubmitted() | notices.StrayModels():
                self._keep(item)
                self._subscribers.tell(item)
            case _:
                self._subscribers.tell(item)

    def _found(self, found: Seen | notices.FolderNotice) -> None:
        """What the watcher reports; a model waits at once to be written down, lest it get lost."""
        if isinstance(found, Seen):
            self._put(Command.LOOK)  # first: what raises here is reported again
            self._ledger.backlog.append(found)
        else:
            self._put(found)

    def _obey(self, command: Command) -> None:
        now = self._clock.now()
        match command:
            case Command.START:
                if self.sitting.phase is Phase.PREPARED:
                    open_folders(self.record)
                self._ledger.write(events.Started(at=now))
            case Command.PAUSE:
                self._need_time()
                self._ledger.write(events.Paused(at=now))
            case Command.RESUME:
                self._ledger.write(events.Resumed(at=now))
            case Command.CANCEL:
                self._grading.cancel()
            case Command.END:
                self._end_early(now)
            case Command.LOOK:
                if (progress := self._grading.progress) is not None:
                    self._subscribers.tell(progress)
            case _:
                assert_never(command)

    def _submit_by_hand(self, item: commands.Submit | commands.TakeFile) -> None:
        watcher = self._need_watcher()
        if item.task not in self.tasks:
            raise TransitionError(phrase("The task {task} is not in this paper.", task=item.task))
        if isinstance(item, commands.TakeFile):
            watcher.take_file(item.task, Path(item.path))
        else:
            watcher.insist(item.task)

    def _keep(self, found: notices.Unsubmitted | notices.StrayModels) -> None:
        if isinstance(found, notices.Unsubmitted):
            self._unsubmitted = found.tasks
        else:
            self._strays = found.strays

    def _on_task(self, item: commands.TurnTo | commands.SeeHint | commands.GiveUp) -> None:
        sitting, now = self._ledger.sitting, self._clock.now()
        if not isinstance(item, commands.TurnTo):
            language, closed = self._settings.language, faithful_tasks(self.folder.parent)
            self._ledger.write(help_event(item, sitting, self.tasks, language, now, closed))
        elif sitting.phase in _OPEN and sitting.task != item.task:
            self._ledger.write(events.Turned(at=now, task=item.task))

    def _put_model_back(self, number: int) -> None:
        watcher, was = self._need_watcher(), self._ledger.sitting.submission(number)
        need_kept(self.folder, was)
        # First the fact: after a crash in between, the model that lies there is known.
        self._ledger.write(events.PutBack(at=self._clock.now(), number=number))
        watcher.put_back(was.task, was.sha256)

    def _end_early(self, now: Instant) -> None:
        # After the deadline the clock ends it: a later file must not come in.
        if self._ledger.sitting.phase is not Phase.RUNNING or self.time_left() > 0:
            self._call_last("candidate", now)

    def _need_time(self) -> None:
        if self.ending or (self._ledger.sitting.phase is Phase.RUNNING and self.time_left() <= 0):
            raise TransitionError(phrase("Time is up."))

    def _advance(self) -> None:
        if (graded := self._grading.answered()) is not None:
            self._ledger.backlog.append(graded)
        self._ledger.write_backlog()
        self._end_in_time()
        for number, by in overtaken(self._ledger.sitting):
            self._ledger.write(events.Superseded(at=self._clock.now(), number=number, by=by))
        self._grade_next()
        is_free = self._grading.number is None and not self.ending
        self._diagnoses.mind(self.sitting, is_free=is_free)
        self._finish()

    def _end_in_time(self) -> None:
        deadline = self._ledger.sitting.deadline
        if deadline is not None and self.time_left() <= 0:
            self._call_last("time", deadline)
        call = self._last_call
        if call is None:
            return
        if call.gives_up(self._watcher, self._clock.now()):
            error = no_answer(self.record.workspace)
            call.not_taken = (as_message(error),)
            self._subscribers.tell(notices.Trouble(error))
        if call.is_over and self._ledger.sitting.phase in _OPEN:
            # First: the result is shown as soon as it has ended.
            self._subscribers.guard("note", lambda: write_not_taken(self.folder, call.not_taken))
            self._ledger.write(events.Ended(at=self._clock.now(), reason=call.reason))
            self._subscribers.tell(notices.Tick(self.time_left()))

    def _call_last(self, reason: EndReason, deadline: Instant) -> None:
        """Begin to end: first everything that is in the folders by `deadline` is taken in."""
        if self._ledger.sitting.phase not in _OPEN:
            raise not_while(self._ledger.sitting.phase)
        if self._last_call is None:
            self._last_call = LastCall(reason, deadline, self._clock.now())
            if self._watcher is not None:
                self._watcher.last_call(deadline)

    def _remind(self) -> None:
        minutes = reminders.due(self._ledger.sitting, self.time_left(), self._told)
        if minutes is not None:
            # Told first, and again to nobody: a full disk must not keep it from the candidate.
            self._told = minutes
            self._subscribers.tell(notices.TimeLeft(minutes))
        told, running = self._told, self._ledger.sitting.phase is Phase.RUNNING
        if told is not None and told != self._ledger.sitting.warned and running:
            self._ledger.write(events.Warned(at=self._clock.now(), minutes=told))

    def _grade_next(self) -> None:
        """Grade what waits; then, once each opening, what our grader failed on before."""
        unfinished = [each.number for each in self._ledger.sitting.unfinished]
        if self._grading.number is not None and self._grading.number not in unfinished:
            self._grading.clear()  # its grade is written down
        waiting = unfinished or self._again
        if self._grading.number is None and waiting:
            number = waiting[0]
            self._ledger.write(events.GradingStarted(at=self._clock.now(), number=number))
            self._again = [each for each in self._again if each != number]
            self._grading.begin(
                self._ledger.sitting.submission(number), self._ledger.sitting.attempt(number)
            )

    def _finish(self) -> None:
        """Once nothing can change any more: write the result, let the grader go.

        Raises `SittingError` when it cannot be written; the next turn tries again.
        """
        if self._is_finished or self._ledger.sitting.phase is not Phase.ENDED:
            return
        if self._ledger.sitting.unfinished or self._again:
            return
        if self._is_result_stale or not (self.folder / report.FILE_NAME).exists():
            report.write(self.folder, report.result(self._ledger.sitting))
        self._is_finished = True
        # Awaited by `_close`, which closes what this did not.
        self._leaving = asyncio.create_task(self._grading.close(), name="tfexam grader close")

    def _need_watcher(self) -> Watcher:
        """The watcher of an open sitting; raises `TransitionError` when nothing can be changed."""
        self._need_time()
        if self._ledger.sitting.phase not in _OPEN:
            raise not_while(self._ledger.sitting.phase)
        return self._running_watcher()  # it may be the first thing that is asked after opening

    def _mind_the_watcher(self) -> None:
        """See that the watcher of an open sitting runs, also when its task has died."""
        last_call_over = self._last_call is not None and self._last_call.is_over
        if self._ledger.sitting.phase not in _OPEN or last_call_over:
            return
        watcher, task = self._watcher, self._watcher_task
        if task is not None and task.done() and watcher is not None and not watcher.is_over:
            self._watcher = self._watcher_task = None
        self._running_watcher()

    def _running_watcher(self) -> Watcher:
        watcher = self._watcher
        if watcher is None:
            watcher = self._watcher = watcher_of(
                self.folder,
                self.record,
                self.tasks,
                self._settings,
                self._clock,
                last_hashes=self._ledger.sitting.present,
                report=self._found,
            )
            if self._last_call is not None:
                watcher.last_call(self._last_call.deadline)
        if self._watcher_task is None:
            # Supervised in `Watcher.run`, and minded above.
            self._watcher_task = asyncio.create_task(watcher.run(), name="tfexam watcher")
            self._watcher_task.add_done_callback(lambda _: self._put(Command.LOOK))
        return watcher

    async def _close(self) -> None:
        try:
            if self._watcher_task is not None:
                self._watcher_task.cancel()
            waited_for = [each for each in (self._watcher_task, self._leaving) if each is not None]
            await asyncio.gather(*waited_for, return_exceptions=True)
            await self._diagnoses.close()
            await self._grading.close()
        finally:
            self._ledger.close()
            self._put(Command.LOOK)  # wakes `run`
