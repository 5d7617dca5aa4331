"""How a sitting ends: a last call for what lies in the folders, the end, and its result.

The three are steps of their own, each of which may have to wait (for a file that is still
being written, for a full disk, for the last grading) or be made up for after a crash.
"""

from pathlib import Path

from engine import report
from engine.clock import Instant
from engine.sitting.attempt import Phase, Sitting
from engine.sitting.events import EndReason
from engine.sitting.watching import Watch


class Ending:
    """How far one sitting is on its way to its end.

    `reason` is set once it is to end; `last_call_over` when everything that was in the
    folders is taken in; `is_over` when the result is written and nothing can change.
    """

    def __init__(self, folder: Path, *, is_result_stale: bool) -> None:
        self._folder, self._is_result_stale = folder, is_result_stale
        self.reason: EndReason | None = None
        self.last_call_over = False
        self.is_over = False

    def call_last(self, reason: EndReason, deadline: Instant, watch: Watch | None) -> None:
        """Begin to end: first everything that is in the folders by `deadline` is taken in."""
        if self.reason is not None:
            return
        self.reason = reason
        if watch is not None:
            watch.last_call(deadline)
        else:
            self.last_call_over = True

    def finishes(self, sitting: Sitting) -> bool:
        """Write the result once an ended `sitting` has nothing open; whether it did so now.

        Raises `SittingError` when it cannot be written; the next time tries again.
        """
        if self.is_over or sitting.phase is not Phase.ENDED or sitting.unfinished:
            return False
        if self._is_result_stale or not (self._folder / report.FILE_NAME).exists():
            report.write(self._folder, report.result(sitting))
        self.is_over = True
        return True
