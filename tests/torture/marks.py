"""Where a process is at this moment, written where its killer can read it after the kill.

The killed process can tell nothing any more, so it keeps the name of what it is doing in
memory that both share. It may also be told to kill itself at a named place: no timer of
another process hits the middle of a write of 200 bytes.
"""

import contextlib
import mmap
import os
import signal
import threading
from collections.abc import Iterator

PHASES = (
    "laying out",
    "opening",
    "at rest",
    "the candidate saves",
    "looking at the folders",
    "copying a model",
    "checking the copy",
    "before a rename",
    "after a rename",
    "before a journal line",
    "inside a journal line",
    "before a journal line is synced",
    "after a journal line",
    "grading",
    "ending",
    "writing the result",
    "closing",
)
_MAIN, _LOOKER, _TARGET, _COUNTDOWN, _TOLD = range(5)
_NOWHERE, _NO_TARGET = 255, 255


class Marks:
    """Shared memory of a killer and its victim; made by the killer before it forks."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 16)
        self.forget()

    def forget(self) -> None:
        """Ready for the next victim."""
        self._memory[:8] = bytes([_NOWHERE, _NOWHERE, _NO_TARGET, 0, 0, 0, 0, 0])

    def aim(self, phase: str, passing: int) -> None:
        """Let the victim kill itself when it comes to `phase` for that time."""
        self._memory[_TARGET], self._memory[_COUNTDOWN] = PHASES.index(phase), passing

    @property
    def phase(self) -> str:
        """What the victim was doing; a look that goes on in its thread comes first."""
        places = (self._memory[_LOOKER], self._memory[_MAIN])
        return next((PHASES[each] for each in places if each != _NOWHERE), "opening")

    @property
    def told(self) -> int:
        """How many events the victim was told of."""
        return self._memory[_TOLD]

    # -- in the victim ----------------------------------------------------------------

    def count_told(self) -> None:
        """One more event was told to a front end: it must never be lost."""
        self._memory[_TOLD] += 1

    def at(self, phase: str) -> None:
        """The victim is in `phase` now."""
        number = PHASES.index(phase)
        self._memory[self._slot()] = number
        if self._memory[_TARGET] == number:
            self._memory[_COUNTDOWN] -= 1
            if not self._memory[_COUNTDOWN]:
                os.kill(os.getpid(), signal.SIGKILL)

    @contextlib.contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """The victim is in `phase` until the block ends."""
        slot = self._slot()
        before = self._memory[slot]
        self.at(phase)
        try:
            yield
        finally:
            self._memory[slot] = before

    @staticmethod
    def _slot() -> int:
        return _MAIN if threading.current_thread() is threading.main_thread() else _LOOKER
