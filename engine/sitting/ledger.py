"""The one way in which anything happens in a sitting: legal, on disk, state, told.

In this order, so that nothing is ever half-applied: an event that cannot be written has
not happened. What came in from outside meanwhile (a frozen model, a grade) waits here
until it can be written. A front end that fails on a notice disturbs nobody.
"""

import logging
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from engine.clock import Clock
from engine.errors import JournalError, SittingError, TfexamError, TransitionError
from engine.grading.protocol import Grade, Graded, failed
from engine.sitting.intake.scanner import Seen
from engine.sitting.notices import JOURNAL, Happened, Notice, Trouble, TroubleOver
from engine.sitting.state import events
from engine.sitting.state.events import Event
from engine.sitting.state.sitting import SittingRecord
from engine.sitting.store.journal import Journal, restored
from engine.supervisor import reason, remedy
from exam_bank.phrase import phrase
from exam_bank.safe_files import UNDECODABLE

_log = logging.getLogger(__name__)

# The step of a command, which is not tried again.
ACT = "act"

Subscriber = Callable[[Notice], None]


class Subscribers:
    """The subscribers of one proctor."""

    def __init__(self) -> None:
        self._all: list[Subscriber] = []
        # By the name of a step: what it failed with in this row, and what is still to be told.
        self._rows: dict[str, set[str]] = {}
        self._untold: dict[str, Exception] = {}

    def add(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell `subscriber` everything from now on; returns what stops that."""
        self._all.append(subscriber)
        return lambda: self._remove(subscriber)

    def _remove(self, subscriber: Subscriber) -> None:
        if subscriber in self._all:
            self._all.remove(subscriber)

    def tell(self, notice: Notice) -> None:
        """Tell every subscriber."""
        for subscriber in tuple(self._all):
            try:
                subscriber(notice)
            except Exception:
                _log.exception("a subscriber failed on %r", notice)

    def guard(self, name: str, step: Callable[[], None]) -> None:
        """Do `step`; what it raises is told as trouble, and the proctor goes on.

        Once only in a row, however often trying again meets the same: the row of the step
        of that `name` ends when it succeeds. A refused command is told each time, because
        the candidate asked each time.
        """
        try:
            step()
        except Exception as error:
            self._untold[name] = error
            self._tell_fault(name)
        else:
            if name in self._untold:  # there may have been no memory to tell it before
                self._tell_fault(name)
            ended = self._rows.pop(name, set())
            # A command that went well says nothing of one that was refused.
            for about in ended if name != ACT else ():
                if not any(about in row for row in self._rows.values()):
                    self.tell(TroubleOver(about))

    def _tell_fault(self, name: str) -> None:
        error = self._untold[name]
        if not isinstance(error, TfexamError):
            _log.error("a step of the proctor failed", exc_info=error)
            why = phrase("Something unexpected went wrong: {error}.", error=reason(error))
            error = SittingError(why, fix=remedy(error))
        is_new = not any(str(error) in row for row in self._rows.values())
        if is_new or isinstance(error, TransitionError):
            self.tell(Trouble(error, about=_about(name, error)))
        self._rows.setdefault(name, set()).add(str(error))
        del self._untold[name]


def _about(name: str, error: TfexamError) -> str:
    """What makes the trouble go: the next event on disk, or that the step succeeds."""
    if isinstance(error, JournalError):
        return JOURNAL
    return "" if name == ACT else str(error)


class Ledger:
    """The journal of one sitting and the state that follows from it."""

    def __init__(
        self,
        record: SittingRecord,
        journal: Journal,
        clock: Clock,
        subscribers: Subscribers,
    ) -> None:
        """Replay `journal`; raises `JournalError` when it tells what cannot have happened."""
        self._journal, self._clock, self._subscribers = journal, clock, subscribers
        self.sitting = restored(record, journal.events, journal.path)
        self.backlog: list[Seen | events.GradingEnded] = []

    def write(self, event: Event) -> None:
        """Let `event` happen.

        Raises `TransitionError` when it cannot happen now and `JournalError` when it
        cannot be written; then nothing has changed.
        """
        after = self.sitting.apply(event)  # first: what cannot happen is never written
        self._journal.append(event)
        self.sitting = after
        try:
            self._subscribers.tell(Happened(event, after.as_shown()))
        except Exception:  # it has happened all the same, and must not happen again
            _log.exception("%r could not be told", event)

    def write_backlog(self) -> None:
        """Record what came in, in its order; raises `JournalError` with the rest kept."""
        while self.backlog:
            event = self._event_of(self.backlog[0])
            try:
                self.write(event)
            except TransitionError as error:
                # A model that was seen as the sitting ended. To keep it would block the rest.
                _log.error("%r cannot be recorded: %s", event, error)
            del self.backlog[0]

    def close(self) -> None:
        """Close the journal and give up the lock."""
        self._journal.close()

    def _event_of(self, item: Seen | events.GradingEnded) -> Event:
        if isinstance(item, events.GradingEnded):
            return replace(item, grade=self._told(_readable_again(item.grade)))
        return events.Submitted(
            at=item.at,
            number=len(self.sitting.submissions) + 1,
            task=item.task,
            sha256=item.sha256,
            size=item.size,
            by_hand=item.by_hand,
        )

    def _told(self, grade: Grade) -> Grade:
        """What may be on disk before the end: where only scores are told, no metric either."""
        if self.sitting.explains or not isinstance(grade, Graded):
            return grade
        return grade.without_metric()


def _readable_again(grade: Grade) -> Grade:
    """`grade`, or a failed grading where no journal could be read again that holds it."""
    try:
        msgspec.json.decode(msgspec.json.encode(grade), type=Grade)
    except (*UNDECODABLE, OverflowError) as error:
        _log.error("a grade cannot be recorded: %s", error)
        return failed(phrase("The grader's answer cannot be recorded: {error}.", error=error))
    return grade
