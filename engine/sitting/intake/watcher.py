"""Decides when the scanner looks: on file system hints, and at a slow pace in any case.

Looks block (they hash and copy), so they have a daemon thread: a thread of the default
pool would hold up quitting for as long as a dead network drive hangs. It starts with the
watch and stays, because the system may refuse a thread at the moment of the last look.
Events get lost (overflow, network and container mounts), so the slow pace never stops. A
look that fails is reported and repeated; what it had to do remains to be done.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from engine.clock import Clock, Instant
from engine.errors import SittingError
from engine.grading.protocol import Message
from engine.settings import Settings
from engine.sitting.intake import sentences
from engine.sitting.intake.file_events import FileHints
from engine.sitting.intake.scanner import LookResult, Scanner, Seen
from engine.sitting.notices import (
    FolderNotice,
    Note,
    StrayModel,
    StrayModels,
    Trouble,
    TroubleOver,
    Unsubmitted,
)
from engine.sitting.state.sitting import SittingRecord
from engine.sitting.store.record import category_folders
from engine.supervisor import Supervisor, is_thread_refused
from engine.threads import KeptThread
from exam_bank.phrase import Phrase, phrase
from exam_bank.task import Task

_log = logging.getLogger(__name__)

# The longest that a file still changing may hold up the end of a sitting, and the longest
# for an error of ours (no disk space, no memory), which somebody may be able to fix.
LAST_CALL_SECONDS = 10.0
LAST_CALL_FAULT_SECONDS = 60.0
# At least this many looks must fit into that time: the machine may have slept through it.
_LAST_CALL_LOOKS = 5
# After this many refused threads the loop itself looks: a screen that freezes for a
# moment is better than a model that is not submitted.
_REFUSALS = 3
_LONGEST_PAUSE = 2.0
_SHORTEST_WAIT = 0.01

# What the trouble is about that keeps the folders from being watched.
_WATCH = "watch"
_WELL = Message("The folders are being watched again.")


Report = Callable[[Seen | FolderNotice], None]


class Watcher:
    """Runs the looks of one scanner and reports what they find, on the event loop.

    `is_over` is set once everything in the folders at the last call is reported; then `not_taken`
    says which models were not, and why.
    """

    def __init__(
        self,
        scanner: Scanner,
        folders: Collection[Path],
        clock: Clock,
        *,
        poll_seconds: float,
        report: Report,
    ) -> None:
        self._scanner, self._clock, self._report = scanner, clock, report
        self._poll_seconds = poll_seconds
        self._hints = FileHints(folders, self._hint)
        self._thread = KeptThread("tfexam watch")
        self._has_thread = False
        self._supervisor = Supervisor(
            _stopped, self._tell, wait=self._wait, longest_pause=_LONGEST_PAUSE
        )
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._insisted: deque[str] = deque()
        self._put_back: deque[tuple[str, str]] = deque()
        self._to_take: deque[tuple[str, Path]] = deque()
        # Filled in the thread, reported on the loop; entries leave only once reported.
        self._found: deque[Seen | FolderNotice] = deque()
        self._unsubmitted: frozenset[str] = frozenset()
        self._strays: tuple[StrayModel, ...] = ()
        self._deadline: Instant | None = None
        self._called: Instant | None = None
        self._looks_left = _LAST_CALL_LOOKS
        self.not_taken: tuple[Message, ...] = ()
        self.is_over = False

    def look(self) -> None:
        """Look soon."""
        self._wake.set()

    def insist(self, task: str) -> None:
        """Submit the model of `task` even if it was submitted before."""
        self._insisted.append(task)
        self._wake.set()

    def put_back(self, task: str, sha256: str) -> None:
        """Put a frozen model back into the folder of `task` without submitting it again."""
        self._put_back.append((task, sha256))
        self._wake.set()

    def take_file(self, task: str, source: Path) -> None:
        """Make the file `source` the model of `task`, and submit it."""
        self._to_take.append((task, source))
        self._wake.set()

    def last_call(self, deadline: Instant) -> None:
        """Report what was there by `deadline`, then stop looking and set `is_over`."""
        self._deadline, self._called = deadline, self._clock.now()
        self._wake.set()

    async def run(self) -> None:
        """Look until the last call is over or the task is cancelled."""
        self._loop = asyncio.get_running_loop()
        try:
            await self._supervisor.run(self._look_until_over)
        finally:
            self._scanner.stop()
            self._hints.stop()
            self._thread.stop()

    async def _look_until_over(self) -> None:
        while not self.is_over and not self._waited(LAST_CALL_FAULT_SECONDS):
            self._wake.clear()
            look = await self._look_once()
            if self._has_thread and self._supervisor.well():
                self._report(Note("", _WELL))
                self._report(TroubleOver(_WATCH))
            if self._is_over(look):
                break
            await self._wait(look.again)
        self._report_what_is_left()
        self.is_over = True

    async def _look_once(self) -> LookResult:
        deadline = self._deadline
        if self._called is not None:
            self._looks_left -= 1
        look = await self._looked(deadline)
        self._report_found()
        if look.unsubmitted != self._unsubmitted:
            self._report(Unsubmitted(look.unsubmitted))
            self._unsubmitted = look.unsubmitted
        if look.strays != self._strays:
            self._report(StrayModels(look.strays))
            self._strays = look.strays
        if deadline is not self._deadline:
            # The last call came during this look, which did not know about it.
            return LookResult((), 0.0, waiting=1)
        return look

    async def _looked(self, deadline: Instant | None) -> LookResult:
        try:
            look = await self._thread.do(lambda: self._look_now(deadline))
            self._has_thread = True
            return look
        except RuntimeError as error:
            is_urgent = self._called is not None or self._supervisor.faults >= _REFUSALS
            if not (is_thread_refused(error) and is_urgent):
                raise
            self._has_thread = False  # the run of failures goes on: report nothing more
            return self._look_now(deadline)

    def _look_now(self, deadline: Instant | None) -> LookResult:
        """In the thread: handle each request until it succeeds, then look."""
        while self._insisted:
            self._scanner.insist(self._insisted[0])
            self._insisted.popleft()
        while self._put_back:
            task, sha256 = self._put_back[0]
            self._answer(f"put back {task}", self._scanner.put_back(task, sha256))
            self._put_back.popleft()
        while self._to_take:
            task, source = self._to_take[0]
            self._answer(f"take {task}", self._scanner.take_file(task, source))
            self._to_take.popleft()
        self._hints.refresh()
        look = self._scanner.look(deadline, self._hints.closed)
        self._found.extend(look.findings)
        return look

    def _answer(self, request: str, said: Note | Trouble | None) -> None:
        """Report how a request went; if it went well, an earlier trouble with it is over."""
        if isinstance(said, Trouble):
            said = Trouble(said.error, about=request)
        else:
            self._found.append(TroubleOver(request))
        if said is not None:
            self._found.append(said)

    def _report_found(self) -> None:
        while self._found:
            self._report(self._found[0])
            self._found.popleft()

    def _is_over(self, look: LookResult) -> bool:
        if self._called is None:
            return False
        seconds = LAST_CALL_FAULT_SECONDS if look.stuck else LAST_CALL_SECONDS
        return look.waiting == 0 or self._waited(seconds)

    def _waited(self, seconds: float) -> bool:
        """Whether the last call has lasted this long and has looked in that time."""
        if self._called is None or self._looks_left > 0:
            return False
        return self._clock.now().since(self._called) > seconds

    def _report_what_is_left(self) -> None:
        """Report models that are still there and were not submitted."""
        troubles = tuple(self._scanner.left(self._deadline))
        said = (sentences.as_message(each.error) for each in troubles)
        self.not_taken = (*said, *self._scanner.too_large())
        for trouble in troubles:
            self._report(trouble)

    def _tell(self, error: SittingError) -> None:
        self._report(Trouble(error, about=_WATCH))

    async def _wait(self, again: float | None) -> None:
        """Sleep until a hint, until a file may be ready, or until the next slow look."""
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


def _stopped(why: str) -> Phrase:
    return phrase("tfexam stopped watching the folders: {why}. It starts again by itself.", why=why)


def watcher_of(
    folder: Path,
    record: SittingRecord,
    tasks: Mapping[str, Task],
    settings: Settings,
    clock: Clock,
    *,
    last_hashes: Mapping[str, str],
    report: Report,
) -> Watcher:
    """The watcher of the sitting in `folder`; models in its folders at the start have those hashes.

    What counts as a submission is what the sitting began with, whatever the settings say now.
    """
    folders = category_folders(record)
    scanner = Scanner(
        folders,
        folder / "submissions",
        clock,
        last_hashes=last_hashes,
        limits_mb={name: each.says.limits.model_mb for name, each in tasks.items()},
        automatic=record.is_automatic(settings.auto_grade),
        h5_only=not record.takes_keras_files(settings.keras_files),
    )
    every = settings.poll_seconds
    return Watcher(scanner, folders.values(), clock, poll_seconds=every, report=report)
