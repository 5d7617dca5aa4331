"""The one way in which anything happens in a sitting: legal, on disk, state, told.

In this order, so that nothing is ever half-applied: an event that cannot be written has
not happened. What came in from outside meanwhile (a frozen model, a grade) waits here
until it can be written.
"""

import logging

import msgspec
from msgspec.structs import replace

from engine.clock import Clock
from engine.errors import TransitionError
from engine.grading.protocol import Grade, failed
from engine.sitting.intake.scanner import Seen
from engine.sitting.notices import Happened
from engine.sitting.state import events
from engine.sitting.state.events import Event
from engine.sitting.state.sitting import SittingRecord
from engine.sitting.store.journal import Journal, restored
from engine.sitting.subscribers import Subscribers
from exam_bank.phrase import phrase
from exam_bank.safe_files import UNDECODABLE

_log = logging.getLogger(__name__)


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
            self._subscribers.tell(Happened(event, after))
        except Exception:  # it has happened all the same, and must not happen again
            _log.exception("%r could not be told", event)

    def write_backlog(self) -> None:
        """Record what came in, in its order; raises `JournalError` with the rest kept."""
        while self.backlog:
            item = self.backlog[0]
            try:
                self.write(self._event_of(item))
            except TransitionError as error:
                # A model that was seen as the sitting ended. To keep it would block the rest.
                _log.error("%r cannot be recorded: %s", item, error)
            del self.backlog[0]

    def close(self) -> None:
        """Close the journal and give up the lock."""
        self._journal.close()

    def _event_of(self, item: Seen | events.GradingEnded) -> Event:
        if isinstance(item, events.GradingEnded):
            return replace(item, grade=_readable_again(item.grade))
        return events.Submitted(
            at=item.at,
            number=len(self.sitting.submissions) + 1,
            task=item.task,
            sha256=item.sha256,
            size=item.size,
            by_hand=item.by_hand,
        )


def _readable_again(grade: Grade) -> Grade:
    """`grade`, or a failed grading where no journal could be read again that holds it."""
    try:
        msgspec.json.decode(msgspec.json.encode(grade), type=Grade)
    except (*UNDECODABLE, OverflowError) as error:
        _log.error("a grade cannot be recorded: %s", error)
        return failed(phrase("The grader's answer cannot be recorded: {error}.", error=error))
    return grade
