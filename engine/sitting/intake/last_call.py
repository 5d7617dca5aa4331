"""The last call for what lies in the folders: why a sitting is to end, and whether it may yet.

Ending has steps, each of which may have to wait (for a file that is still being written,
for a full disk, for the last grading) or be made up for after a crash. This is the first.
"""

from engine.clock import Instant
from engine.errors import WorkspaceError
from engine.sitting.intake.watcher import LAST_CALL_FAULT_SECONDS, Watcher
from engine.sitting.state.events import EndReason
from exam_bank.phrase import phrase

NO_ANSWER_SECONDS = 1.5 * LAST_CALL_FAULT_SECONDS
# A machine that slept through those seconds has not waited in them.
_TURNS = 10


class LastCall:
    """The last call of one sitting; `is_over` when what came by `deadline` is taken in."""

    def __init__(self, reason: EndReason, deadline: Instant, now: Instant) -> None:
        self.reason, self.deadline = reason, deadline
        self._called, self._turns_left = now, _TURNS
        self.is_over = False

    def gives_up(self, watcher: Watcher | None, now: Instant) -> bool:
        """Whether it is over only because there is no answer; asked each turn.

        The watcher ends its last call by itself within a minute, if it can: a look that
        hangs on a dead network drive would otherwise keep the sitting from ever ending.
        """
        if self.is_over:
            return False
        self._turns_left -= 1
        answered = watcher is not None and watcher.is_over
        hangs = self._turns_left <= 0 and now.since(self._called) > NO_ANSWER_SECONDS
        self.is_over = answered or hangs
        return hangs and not answered


def no_answer(workspace: str) -> WorkspaceError:
    """The folders of `workspace` were not looked at before the end."""
    return WorkspaceError(
        phrase(
            "{folder} did not respond at the end: what was not submitted by then does not count.",
            folder=workspace,
        ),
        fix=phrase("The files stay where they are. Is the folder on a network drive that hangs?"),
    )
