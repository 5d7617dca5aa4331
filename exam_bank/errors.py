"""The root of every exception of tfexam, and the bank's own branch.

The whole tree is drawn in `engine/errors.py`; the root stands here because imports
run down only and the bank is the lowest floor.
"""

from exam_bank.phrase import Phrase, joined


class TfexamError(Exception):
    """Anything tfexam says to a person instead of a traceback.

    `message` says what happened and to which file, `fix` what to do about it. Both are
    phrases where a screen can show them, so that it can do so in another language.
    """

    title = "tfexam cannot continue"

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    @property
    def sentence(self) -> Phrase:
        """Message and fix in one."""
        return joined(" ", [each for each in (self.message, self.fix) if each])

    def __str__(self) -> str:
        return str(self.sentence)


class LimitReached(TfexamError):
    """The machine gives no more processes, threads, files or memory."""

    title = "This machine has reached a limit"


class BankError(TfexamError):
    """A fault of a task, a paper or a data set."""

    title = "The task bank has a fault"


class TaskFileError(BankError):
    """A task folder breaks its format; the message names file and key."""

    title = "A task folder is not valid"


class UnknownTaskError(BankError):
    """No task of the bank has that id or category."""

    title = "No such task"


class PaperCodeError(BankError):
    """A paper code is mistyped, of another bank version, or names absent tasks."""

    title = "This paper code cannot be used"


class UntrustedPackError(BankError):
    """A task pack is code, and nobody has said here yet that it may run."""

    title = "This task pack is new to this machine"


class DataError(BankError):
    """A task's data could not be made, found or written."""

    title = "The data of a task are not available"


class FetchStopped(DataError):
    """Fetching a data set was stopped by whoever asked for it; what has arrived is kept."""

    title = "Fetching was cancelled"
