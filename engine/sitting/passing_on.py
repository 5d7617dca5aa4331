"""What a proctor passes on to the candidate: what the folders show, what a crash left."""

from collections.abc import Iterator
from typing import assert_never

from engine.grading.protocol import Message
from engine.sitting.intake.findings import Edited, Remark
from engine.sitting.notices import Editing, Note, Unsubmitted
from engine.sitting.state.sitting import Sitting, SubmissionState

_TORN = Message(
    "The last line of the journal was cut off when tfexam ended last. "
    "What it was about had not happened yet; nothing else is missing."
)
_AGAIN = Message("What was being graded when tfexam ended last is graded again.")


def notes_on_reopening(sitting: Sitting, *, torn: bool) -> Iterator[Note]:
    """What is said about the last time `sitting` was open; `torn` is its journal's end."""
    if torn:
        yield Note("", _TORN)
    if any(each.state is SubmissionState.GRADING for each in sitting.submissions):
        yield Note("", _AGAIN)


def as_notice(found: Edited | Remark | Unsubmitted) -> Editing | Note | Unsubmitted:
    """What was found in a folder, as front ends hear it."""
    match found:
        case Edited():
            return Editing(found.task)
        case Remark():
            return Note(found.task, found.message)
        case Unsubmitted():
            return found
        case _:
            assert_never(found)
