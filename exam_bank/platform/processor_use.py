"""Says how long a process ran, and how long it was ready to run while others had the processor.

A limit on the wall would blame a program for the load of its machine. Linux counts both for each
thread; elsewhere only the running is known, and whether the machine had a processor to spare.
"""

import contextlib
import sys
from pathlib import Path
from typing import NamedTuple

from exam_bank.platform import kernel

# The share of a processor that stands idle even on a machine with no time to spare.
_SPARE = 0.1


class Spent(NamedTuple):
    """Seconds, added up over threads: processor time, and time ready without a processor."""

    ran: float
    waited: float


class ProcessorUse:
    """What process `pid` spends from one look to the next; nothing once it is gone."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ran = kernel.processor_seconds(pid)
        self._waits = waits_of_threads(pid)
        self._idle = _idle_seconds()

    def look(self, passed: float) -> Spent:
        """What it has spent since the last look, `passed` seconds ago."""
        before, self._ran = self._ran, max(self._ran, kernel.processor_seconds(self._pid))
        return Spent(self._ran - before, self._waited(passed))

    def _waited(self, passed: float) -> float:
        before, now = self._waits, waits_of_threads(self._pid)
        self._waits = now
        if now is not None and before is not None:
            return sum(max(0, ns - before.get(thread, 0)) for thread, ns in now.items()) / 1e9
        if kernel.is_gone(self._pid):
            return 0.0
        before_idle, self._idle = self._idle, _idle_seconds()
        return passed if self._idle - before_idle < _SPARE * passed else 0.0


def waits_of_threads(pid: int) -> dict[str, int] | None:
    """Nanoseconds that each thread of a process has waited; None if the system does not say."""
    if sys.platform != "linux":
        return None
    waits = {}
    with contextlib.suppress(OSError, ValueError, IndexError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            # One may end between two reads; what it waited is forgotten with it.
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                waits[thread.name] = int((thread / "schedstat").read_text("ascii").split()[1])
    return waits or None


def _idle_seconds() -> float:
    """Seconds that the machine's processors have stood idle, added up."""
    import psutil

    return float(psutil.cpu_times().idle)
