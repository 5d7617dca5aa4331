"""Who subscribed to a proctor, and telling them; a front end that fails disturbs nobody."""

import logging
from collections.abc import Callable

from engine.errors import SittingError, TfexamError, TransitionError
from engine.sitting.notices import Notice, Trouble
from engine.supervisor import reason, remedy
from exam_bank.phrase import phrase

_log = logging.getLogger(__name__)

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
            self._rows.pop(name, None)

    def _tell_fault(self, name: str) -> None:
        error = self._untold[name]
        if not isinstance(error, TfexamError):
            _log.error("a step of the proctor failed", exc_info=error)
            why = phrase("Something unexpected went wrong: {error}.", error=reason(error))
            error = SittingError(why, fix=remedy(error))
        is_new = not any(str(error) in row for row in self._rows.values())
        if is_new or isinstance(error, TransitionError):
            self.tell(Trouble(error))
        self._rows.setdefault(name, set()).add(str(error))
        del self._untold[name]
