"""The base class of every tfexam exception, and the exceptions of the bank.

`engine/errors.py` draws the whole tree. The root is here because imports run down only and
the bank is the lowest floor.
"""

from exam_bank.phrase import Phrase, joined


class TfexamError(Exception):
    """What a person sees instead of a traceback.

    `message` says what happened and to which file, `fix` what to do about it. Errors that a
    screen can show use phrases for both, so that the screen can translate them.
    """

    title = "tfexam cannot continue"

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    @property
    def sentence(self) -> Phrase:
        """Message and fix together."""
        return joined(" ", [each for each in (self.message, self.fix) if each])

    def __str__(self) -> str:
        return str(self.sentence)


class LimitReached(TfexamError):
    """The machine has no more processes, threads, files or memory to give."""

    title = "This machine has reached a limit"


class BankError(TfexamError):
    """A fault of a task, a paper or a data set."""

    title = "The task bank has a fault"


class TaskFileError(BankError):
    """A task folder breaks its format; the message names file and key."""

    title = "A task folder is not valid"


class UnknownTaskError(BankError):
    """No task in the bank has this id or category."""

    title = "No such task"


class LevelError(BankError):
    """A task does not serve the level that it was asked for on."""

    title = "Not on this level"


class PaperCodeError(BankError):
    """A paper code is mistyped, comes from another bank, or names tasks that are missing."""

    title = "This paper code cannot be used"


class UntrustedPackError(BankError):
    """A task pack is code, and nobody on this machine has allowed it to run yet."""

    title = "This task pack is new to this machine"


class DataError(BankError):
    """A task's data could not be made, found or written."""

    title = "The data of a task are not available"


class FetchStopped(DataError):
    """Whoever asked for a data set cancelled its download; what has arrived is kept."""

    title = "Fetching was cancelled"
