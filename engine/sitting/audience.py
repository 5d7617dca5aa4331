"""Who listens to a proctor, and telling them; a front end that fails disturbs nobody."""

import logging
from collections.abc import Callable

from engine.errors import SittingError, TfexamError, TransitionError
from engine.sitting.notices import Notice, Trouble
from exam_bank.phrase import phrase

_log = logging.getLogger(__name__)

Listener = Callable[[Notice], None]


class Audience:
    """The listeners of one proctor."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._told: set[str] = set()

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
        """Tell of `error`; once only, however often trying again meets it.

        A refused command is told each time: the candidate asked each time.
        """
        if str(error) not in self._told or isinstance(error, TransitionError):
            self._told.add(str(error))
            self.tell(Trouble(error))

    def relieved(self) -> None:
        """Something could be written again: the next trouble is a new one."""
        self._told.clear()

    def attempt(self, step: Callable[[], None]) -> None:
        """Do `step`; what it raises is told as trouble, and the proctor goes on."""
        try:
            step()
        except TfexamError as error:
            self.trouble(error)
        except Exception as error:
            _log.exception("a step of the proctor failed")
            self.trouble(
                SittingError(phrase("Something unexpected went wrong: {error}.", error=repr(error)))
            )
