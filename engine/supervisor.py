"""Restarts background work that failed, after reporting the failure and waiting a moment.

A thread or task that nobody awaits dies unnoticed: one failed thread start ("can't start
new thread", when a training has used up this account's processes) would stop the watch
over the folders for five hours. Code that starts background work hands it to a
`Supervisor`, or explains beside the start why its end does no harm.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from engine.errors import SittingError, TfexamError
from engine.files import said, what_to_do
from exam_bank.phrase import Phrase, phrase

_log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 30.0

Wait = Callable[[float], Awaitable[None]]


class Supervisor:
    """Runs one piece of work until it returns, whatever it raises in between.

    `stopped` describes what died and why. It is reported through `tell`, on the event loop,
    once per run of failures; a run ends when the work calls `well`.
    """

    def __init__(
        self,
        stopped: Callable[[str], Phrase],
        tell: Callable[[SittingError], None],
        *,
        wait: Wait = asyncio.sleep,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        """`wait` may return early when there is a reason to retry at once."""
        self._stopped, self._tell, self._wait = stopped, tell, wait
        self._longest_pause = longest_pause
        self._is_told = False
        self._last: Exception | None = None
        self.faults = 0

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run until `work` returns; only cancellation ends it sooner."""
        while True:
            try:
                if self.faults:
                    await self._rest()
                await work()
            except Exception as error:
                self.faults, self._last = self.faults + 1, error
                with contextlib.suppress(Exception):  # if it failed, the next failure reports it
                    self.say(error)
                await asyncio.sleep(0)  # work that fails without awaiting must not hold the loop
            else:
                return

    async def _rest(self) -> None:
        try:
            await self._wait(self.pause)
        except Exception:  # a timer needs memory too
            await breathe()

    def say(self, error: Exception) -> None:
        """Report `error` if it is the first of its run."""
        if not self._is_told:
            _log.error("supervised work stopped", exc_info=error)
            self._tell(SittingError(self._stopped(reason(error)), fix=remedy(error)))
            self._is_told = True

    def well(self) -> bool:
        """Note that the work succeeded; return whether that ended a run of failures."""
        if self._last is not None:
            self.say(self._last)  # memory may have been too short to report it before
        was_told = self._is_told
        self._is_told, self._last, self.faults = False, None, 0
        return was_told

    @property
    def pause(self) -> float:
        """Seconds until the restart: longer with each failure in a row."""
        # Bound the exponent first: 2.0 ** 1024 raises OverflowError.
        doubled = FIRST_PAUSE * 2.0 ** min(max(self.faults - 1, 0), 20)
        return min(doubled, self._longest_pause)


async def breathe() -> None:
    """Yield to the event loop for a moment, even without memory for a timer."""
    try:
        await asyncio.sleep(FIRST_PAUSE)
    except Exception:
        await asyncio.sleep(0)


def reason(error: Exception) -> str:
    """Why something stopped; the common reasons are translatable."""
    if isinstance(error, OSError):
        return said(error)
    if isinstance(error, MemoryError):
        return phrase("there is not enough memory")
    if isinstance(error, TfexamError):
        return error.message
    if is_thread_refused(error):
        return phrase("no thread can be started")
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def remedy(error: Exception) -> str:
    """What the user can do about it."""
    if isinstance(error, OSError):
        return what_to_do(error)
    if isinstance(error, MemoryError):
        return phrase("Close programs that use a lot of memory, or train a smaller model.")
    if is_thread_refused(error):
        return phrase("Close other programs, or raise the process limit (ulimit -u).")
    return phrase("Nothing is lost. If it happens again, quit and restart tfexam.")


def is_thread_refused(error: Exception) -> bool:
    """Whether the system refused a thread; Python has no separate exception for that."""
    return isinstance(error, RuntimeError) and "can't start new thread" in str(error)
