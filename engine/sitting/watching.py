"""Decides when the intake looks: at hints of the file system, and slowly in any case.

Looks block (they hash and copy), so each runs in a daemon thread: a thread of the
default pool would hold up quitting for as long as a dead network drive hangs. Events get
lost (overflow, network and container mounts), so the slow pace never stops.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec

from engine.clock import Clock, Instant
from engine.sitting.findings import Finding, LastCallOver, Look
from engine.sitting.hints import FileHints
from engine.sitting.intake import Intake
from engine.sitting.notices import Unsubmitted
from engine.sitting.threads import in_daemon_thread

_log = logging.getLogger(__name__)

# A file that cannot be frozen holds up the end of a sitting for so long at most.
LAST_CALL_SECONDS = 10.0
_SHORTEST_WAIT = 0.01


Report = Callable[[Finding | Unsubmitted | LastCallOver], None]


class Watch:
    """Runs the looks of one intake and reports what they find, on the event loop."""

    def __init__(
        self,
        intake: Intake,
        folders: Collection[Path],
        clock: Clock,
        *,
        poll_seconds: float,
        report: Report,
    ) -> None:
        self._intake, self._clock, self._report = intake, clock, report
        self._poll_seconds = poll_seconds
        self._hints = FileHints(folders, self._hint)
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._insisted: list[str] = []
        self._put_back: list[tuple[str, str]] = []
        self._unsubmitted: frozenset[str] = frozenset()
        self._deadline: Instant | None = None
        self._called: Instant | None = None

    def look(self) -> None:
        """Look soon."""
        self._wake.set()

    def insist(self, task: str) -> None:
        """Take the model of `task` even if it was taken before."""
        self._insisted.append(task)
        self._wake.set()

    def put_back(self, task: str, sha256: str) -> None:
        """Put a frozen model back into the folder of `task`, without taking it in again."""
        self._put_back.append((task, sha256))
        self._wake.set()

    def last_call(self, deadline: Instant) -> None:
        """Report what was there by `deadline`, then `LastCallOver`, and stop looking."""
        self._deadline, self._called = deadline, self._clock.now()
        self._wake.set()

    async def run(self) -> None:
        """Look until the last call is over or the task is cancelled."""
        self._loop = asyncio.get_running_loop()
        starting = asyncio.create_task(in_daemon_thread(self._hints.start))
        try:
            while True:
                self._wake.clear()
                look = await self._look_once()
                if self._is_over(look):
                    self._report(LastCallOver())
                    return
                await self._wait(look.again)
        finally:
            starting.cancel()
            self._intake.stop()
            self._hints.stop()

    async def _look_once(self) -> Look:
        insisted, self._insisted = self._insisted, []
        for task in insisted:
            self._intake.insist(task)
        wanted, self._put_back = self._put_back, []
        deadline = self._deadline
        look = await in_daemon_thread(lambda: self._look_now(wanted, deadline))
        for finding in look.findings:
            self._report(finding)
        if look.unsubmitted != self._unsubmitted:
            self._unsubmitted = look.unsubmitted
            self._report(Unsubmitted(look.unsubmitted))
        if deadline is not self._deadline:
            # The last call came during this look, which did not know of it.
            return Look((), 0.0, waiting=1)
        return look

    def _look_now(self, wanted: Sequence[tuple[str, str]], deadline: Instant | None) -> Look:
        """In a thread of its own: put back what is wanted, then look."""
        try:
            self._hints.refresh()
            said = [self._intake.put_back(*each) for each in wanted]
            look = self._intake.look(deadline, self._hints.closed)
            first = tuple(each for each in said if each is not None)
            return msgspec.structs.replace(look, findings=first + look.findings)
        except Exception:  # a look that fails must not be the last one
            _log.exception("looking at the folders failed")
            return Look((), None, unsubmitted=self._unsubmitted)

    def _is_over(self, look: Look) -> bool:
        if self._called is None:
            return False
        waited = self._clock.now().since(self._called)
        return look.waiting == 0 or waited > LAST_CALL_SECONDS

    async def _wait(self, again: float | None) -> None:
        """Sleep until a hint, the moment a file may be ready, or the slow pace's turn."""
        seconds = self._poll_seconds if again is None else min(again, self._poll_seconds)
        try:
            async with asyncio.timeout(max(seconds, _SHORTEST_WAIT)):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _hint(self) -> None:
        """Called in the observer's thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the app is leaving
                self._loop.call_soon_threadsafe(self._wake.set)
