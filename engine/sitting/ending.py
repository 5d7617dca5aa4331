"""How a sitting ends: a last call for what lies in the folders, the end, and its result.

The three are steps of their own, each of which may have to wait (for a file that is still
being written, for a full disk, for the last grading) or be made up for after a crash.
"""

from pathlib import Path

from engine.clock import Instant
from engine.errors import WorkspaceError
from engine.sitting.intake.watcher import LAST_CALL_FAULT_SECONDS, Watch
from engine.sitting.state import report
from engine.sitting.state.events import EndReason
from engine.sitting.state.sitting import Phase, Sitting
from exam_bank.phrase import phrase

NO_ANSWER_SECONDS = 1.5 * LAST_CALL_FAULT_SECONDS
# A machine that slept through those seconds has not waited in them.
_TURNS = 10


class Ending:
    """How far one sitting is on its way to its end.

    `reason` is set once it is to end; `last_call_over` when everything that was in the
    folders is taken in; `is_over` when the result is written and nothing can change.
    """

    def __init__(self, folder: Path, *, is_result_stale: bool) -> None:
        self._folder, self._is_result_stale = folder, is_result_stale
        self._called: Instant | None = None
        self._turns_left = _TURNS
        self.reason: EndReason | None = None
        self.deadline: Instant | None = None
        self.last_call_over = False
        self.is_over = False

    def call_last(
        self, reason: EndReason, deadline: Instant, watch: Watch | None, now: Instant
    ) -> None:
        """Begin to end: first everything that is in the folders by `deadline` is taken in."""
        if self.reason is not None:
            return
        self.reason, self.deadline, self._called = reason, deadline, now
        if watch is not None:
            watch.last_call(deadline)

    def gives_up(self, watch: Watch | None, now: Instant) -> bool:
        """Whether the last call is over only because there is no answer; asked each turn.

        The watch ends its last call by itself within a minute, if it can: a look that
        hangs on a dead network drive would otherwise keep the sitting from ever ending.
        """
        if self._called is None or self.last_call_over:
            return False
        self._turns_left -= 1
        hangs = self._turns_left <= 0 and now.since(self._called) > NO_ANSWER_SECONDS
        self.last_call_over = hangs or (watch is not None and watch.is_over)
        return hangs and not (watch is not None and watch.is_over)

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


def no_answer(workspace: str) -> WorkspaceError:
    """The folders of `workspace` were not looked at before the end."""
    return WorkspaceError(
        phrase(
            "{folder} gave no answer at the end: what was not submitted by then does not count.",
            folder=workspace,
        ),
        fix=phrase("The files stay where they are. Is it on a network drive that hangs?"),
    )
