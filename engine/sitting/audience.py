"""Who listens to a proctor, and telling them; a front end that fails disturbs nobody."""

import logging
from collections.abc import Callable

from engine.errors import SittingError, TfexamError, TransitionError
from engine.sitting.notices import Notice, Trouble
from engine.supervisor import reason, remedy
from exam_bank.phrase import phrase

_log = logging.getLogger(__name__)

Listener = Callable[[Notice], None]


class Audience:
    """The listeners of one proctor."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._rows: dict[str, set[str]] = {}

    def add(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` everything from now on; returns what stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def tell(self, notice: Notice) -> None:
        """Tell every listener."""
        for listener in tuple(self._listeners):
            try:
                listener(notice)
            except Exception:
                _log.exception("a listener failed on %r", notice)

    def trouble(self, error: TfexamError) -> None:
        """Tell of `error`."""
        self.tell(Trouble(error))

    def attempt(self, name: str, step: Callable[[], None]) -> None:
        """Do `step`; what it raises is told as trouble, and the proctor goes on.

        Once only in a row, however often trying again meets the same: the row of the step
        of that `name` ends when it succeeds. A refused command is told each time, because
        the candidate asked each time.
        """
        try:
            step()
        except TfexamError as error:
            self._failed(name, error)
        except Exception as error:
            _log.exception("a step of the proctor failed")
            why = phrase("Something unexpected went wrong: {error}.", error=reason(error))
            self._failed(name, SittingError(why, fix=remedy(error)))
        else:
            self._rows.pop(name, None)

    def _failed(self, name: str, error: TfexamError) -> None:
        is_new = not any(str(error) in row for row in self._rows.values())
        if is_new or isinstance(error, TransitionError):
            self.trouble(error)
        self._rows.setdefault(name, set()).add(str(error))
