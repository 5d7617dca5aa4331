"""Every exception tfexam raises, as one tree.

    TfexamError                     shown to people instead of a traceback
    ├── LimitReached                no more processes, threads, files or memory
    ├── BankError                   a task, a paper or a data set (exam_bank/errors.py)
    │   ├── TaskFileError
    │   ├── UnknownTaskError
    │   ├── LevelError              a task does not serve the level asked for
    │   ├── PaperCodeError
    │   ├── UntrustedPackError      a pack is code, and nobody has allowed it to run yet
    │   └── DataError
    │       └── FetchStopped        whoever asked for the data set cancelled it
    ├── SettingsError               a setting has no usable value
    ├── SittingError                a sitting cannot be opened, changed or kept
    │   ├── JournalError            its journal is damaged or cannot be written
    │   ├── SittingLockedError      another tfexam has it open
    │   ├── TransitionError         not possible right now (already ended, …)
    │   ├── ClassPaperError         a class paper or its secret cannot be used, or not now
    │   └── WorkspaceError          its folders cannot be read or written
    ├── ClassError                  a class's files or results cannot be used
    │   └── RosterError             its roster cannot be read
    └── GradingError
        ├── SubmissionRejected      the file's fault: the candidate can fix it
        └── GraderError            our fault: never costs points

The last two are separate on purpose: a `GraderError` must never reach a candidate as a
score.
"""

from typing import TYPE_CHECKING

from exam_bank.errors import (
    BankError,
    DataError,
    LevelError,
    LimitReached,
    PaperCodeError,
    TaskFileError,
    TfexamError,
    UnknownTaskError,
    UntrustedPackError,
)
from exam_bank.phrase import Phrase

if TYPE_CHECKING:  # the command line imports this module and must not pay for msgspec
    from engine.grading.protocol import Message

__all__ = [
    "BankError",
    "ClassError",
    "ClassPaperError",
    "DataError",
    "GraderError",
    "GradingError",
    "JournalError",
    "LevelError",
    "LimitReached",
    "PaperCodeError",
    "RosterError",
    "SettingsError",
    "SittingError",
    "SittingLockedError",
    "SubmissionRejected",
    "TaskFileError",
    "TfexamError",
    "TransitionError",
    "UnknownTaskError",
    "UntrustedPackError",
    "WorkspaceError",
]


class SettingsError(TfexamError):
    """A setting has no usable value; the message names the setting and its source."""

    title = "A setting is not valid"


class SittingError(TfexamError):
    """A sitting cannot be opened, changed or kept."""

    title = "This sitting cannot continue"


class ClassPaperError(SittingError):
    """A class paper or its secret cannot be used, or not now."""

    title = "This class paper cannot be used"


class JournalError(SittingError):
    """The journal is damaged or cannot be written; the message names the line."""

    title = "This sitting's journal is damaged"


class SittingLockedError(SittingError):
    """Another tfexam process has this sitting open; the message says which."""

    title = "This sitting is open elsewhere"


class TransitionError(SittingError):
    """The request is not possible in the sitting's current phase.

    `at_event` is the number of the offending event, from 1, when replaying a journal.
    """

    title = "Not possible right now"
    at_event = 0


class WorkspaceError(SittingError):
    """A folder of the sitting cannot be read or written."""

    title = "The workspace cannot be used"


class ClassError(TfexamError):
    """A class's files or results cannot be used."""

    title = "This class cannot be graded"


class RosterError(ClassError):
    """A roster cannot be read; the message names line and column, and never a person."""

    title = "The roster cannot be read"


class GradingError(TfexamError):
    """Grading produced no score."""

    title = "Grading gave no score"


class SubmissionRejected(GradingError):
    """The file's fault.

    `reason` is a stable word for programs (such as "wrong_input_shape"); `says` is the
    sentence for the candidate, translatable: what is wrong and how to fix it.
    """

    title = "The file was rejected"

    def __init__(self, reason: str, says: "Message") -> None:
        super().__init__(Phrase(says.template, says.facts))
        self.reason = reason
        self.says = says


class GraderError(GradingError):
    """Our fault; never costs points."""

    title = "The grader failed"
