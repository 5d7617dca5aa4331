"""What the engine tells, as what Textual can post: each notice becomes one message."""

from typing import assert_never

from engine.sitting import notices
from engine.sitting.notices import Notice
from tui.link import messages


def as_message(notice: Notice) -> messages.Fact:
    """The message that a notice of the proctor becomes."""
    match notice:
        case notices.Happened(event, sitting):
            return messages.SittingChanged(event, sitting)
        case notices.Tick(time_left):
            return messages.ClockTicked(time_left)
        case notices.GradingProgress(number, task, progress, seconds):
            return messages.GradingMoved(number, task, progress, seconds)
        case notices.Editing(task):
            return messages.StarterEdited(task)
        case notices.Note(task, message):
            return messages.NoteReceived(task, message)
        case notices.Unsubmitted(tasks):
            return messages.UnsubmittedChanged(tasks)
        case notices.TimeLeft(minutes):
            return messages.TimeRanLow(minutes)
        case notices.Trouble(error):
            return messages.TroubleHappened(error)
        case _:
            assert_never(notice)
