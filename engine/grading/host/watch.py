"""Counts the time that a process has had, so that nobody is blamed for a busy machine.

Two budgets: processor time, which only the process itself spends, and idle time, in which it
neither ran nor waited for a processor. Time in which it waited, was stopped, or in which the app
itself stood still spends neither. So a process that computes ends with the first budget, one that
only sits there with the second, and one that is starved with none.
"""

import asyncio

from exam_bank.platform.processor_use import ProcessorUse

LOOK_SECONDS = 0.25
_LEAST_SECONDS = 0.01
# The app looks every quarter of a second; after a longer gap, it was asleep.
LONGEST_GAP = 1.0


class Watch:
    """Counts what the process of `use` spends from now on; None has spent nothing but time."""

    def __init__(self, use: ProcessorUse | None, *, processor: float, idle: float) -> None:
        self._use = use
        self._processor, self._idle = processor, idle
        self.ran = self.idle = self.stopped = 0.0
        self._counted = asyncio.get_running_loop().time()

    def is_due(self) -> bool:
        """Whether it is time to count, whatever else happens."""
        return self._uncounted() >= self._interval()

    def seconds_left(self) -> float:
        """How long until it is."""
        return max(0.0, self._interval() - self._uncounted())

    def _uncounted(self) -> float:
        return asyncio.get_running_loop().time() - self._counted

    def _interval(self) -> float:
        left = min(self._idle - self.idle, self._processor - self.ran, LOOK_SECONDS)
        return max(_LEAST_SECONDS, left)

    def count(self, *, stopped: bool = False) -> None:
        """Add what was spent since the last call; the process is `stopped` now, or not."""
        now = asyncio.get_running_loop().time()
        passed, self._counted = min(now - self._counted, LONGEST_GAP), now
        ran, waited = self._use.look(passed) if self._use is not None else (0.0, 0.0)
        self.ran += ran
        if stopped:
            self.stopped += passed
        else:
            self.idle += max(0.0, passed - ran - waited)

    def is_worked_out(self) -> bool:
        """Whether the process has used up its processor time."""
        return self.ran >= self._processor

    def has_idled(self) -> bool:
        """Whether it has used up its idle time."""
        return self.idle >= self._idle

    def is_over(self) -> bool:
        """Whether it has used up one of them."""
        return self.is_worked_out() or self.has_idled()
