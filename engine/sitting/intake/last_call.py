"""The last call: why a sitting is to end, and whether it may end yet.

Ending takes several steps. Each may have to wait (for a file still being written, a full
disk, the last grading) or be repeated after a crash. Collecting the last models is the
first step.
"""

from engine.clock import Instant
from engine.errors import WorkspaceError
from engine.grading.protocol import Message
from engine.sitting.intake.watcher import LAST_CALL_FAULT_SECONDS, Watcher
from engine.sitting.state.events import EndReason
from exam_bank.phrase import phrase

NO_ANSWER_SECONDS = 1.5 * LAST_CALL_FAULT_SECONDS
# At least this many turns must fit into that time: the machine may have slept through it.
_TURNS = 10


class LastCall:
    """The last call of one sitting; `is_over` once all models from before `deadline` are in.

    Then `not_taken` says which models that lie in the folders are not.
    """

    def __init__(self, reason: EndReason, deadline: Instant, now: Instant) -> None:
        self.reason, self.deadline = reason, deadline
        self._called, self._turns_left = now, _TURNS
        self.not_taken: tuple[Message, ...] = ()
        self.is_over = False

    def gives_up(self, watcher: Watcher | None, now: Instant) -> bool:
        """Whether it is over only because there is no response; asked each turn.

        The watcher ends its last call by itself within a minute if it can; but a look that hangs
        on a dead network drive would keep the sitting from ever ending.
        """
        if self.is_over:
            return False
        self._turns_left -= 1
        answered = watcher is not None and watcher.is_over
        if watcher is not None and answered:
            self.not_taken = watcher.not_taken
        hangs = self._turns_left <= 0 and now.since(self._called) > NO_ANSWER_SECONDS
        self.is_over = answered or hangs
        return hangs and not answered


def no_answer(workspace: str) -> WorkspaceError:
    """The folders of `workspace` could not be checked before the end."""
    return WorkspaceError(
        phrase(
            "{folder} did not respond at the end: what was not submitted by then does not count.",
            folder=workspace,
        ),
        fix=phrase("The files stay where they are. Is the folder on a network drive that hangs?"),
    )
