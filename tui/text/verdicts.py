"""How verdicts and states look: a glyph, a word and a tone, so none depends on colour alone.

Pure: turns a sitting into what is shown of it. Glyphs are one cell wide in every font.
"""

from typing import NamedTuple, assert_never

from engine.grading import protocol
from engine.grading.protocol import Grade, Stage
from engine.marking import MAX_SCORE
from engine.sitting.state.sitting import Sitting, Submission, SubmissionState
from tui.locale import N_, _

# Theme variables; a tone is the CSS class of a widget and the style of a span.
TONES = {
    "good": "$text-success",
    "plain": "$text-primary",
    "caution": "$text-warning",
    "bad": "$text-error",
    "quiet": "$foreground-muted",
}


class Look(NamedTuple):
    """A state as shown: `glyph` and `word` together, in the colour of `tone`."""

    glyph: str
    word: str
    tone: str

    @property
    def style(self) -> str:
        """The style of a span in this tone."""
        return TONES[self.tone]

    def text(self) -> str:
        """Glyph and word in the current language."""
        return f"{self.glyph} {_(self.word)}"


NOT_STARTED = Look("○", N_("not started"), "quiet")
UNSUBMITTED = Look("!", N_("saved, not graded"), "caution")
WAITING = Look("…", N_("waiting"), "caution")
GRADING = Look("▶", N_("grading"), "plain")
TRAINING = Look("▶", N_("training"), "plain")
RECEIVED = Look("✓", N_("received"), "plain")
SUPERSEDED = Look("─", N_("superseded"), "quiet")
REJECTED = Look("✗", N_("rejected"), "bad")
TIMED_OUT = Look("✗", N_("timed out"), "bad")
OUT_OF_MEMORY = Look("✗", N_("out of memory"), "bad")
CRASHED = Look("✗", N_("crashed"), "bad")
CANCELLED = Look("■", N_("cancelled"), "quiet")
GRADER_FAILED = Look("!", N_("grader failed"), "caution")
LATER = Look("⚑", N_("later"), "caution")
_GRADED = N_("graded")

STAGES = {
    Stage.WAITING: N_("waiting"),
    Stage.STARTING: N_("starting the grader"),
    Stage.INSPECTING: N_("inspecting the file"),
    Stage.LOADING: N_("loading the model"),
    Stage.PREDICTING: N_("predicting"),
    Stage.MARKING: N_("marking"),
}


def look_of_grade(grade: Grade) -> Look:
    """How a grade's verdict is shown."""
    match grade:
        case protocol.Graded():
            return look_of_score(grade.score)
        case protocol.Rejected():
            return REJECTED
        case protocol.TimedOut():
            return TIMED_OUT
        case protocol.OutOfMemory():
            return OUT_OF_MEMORY
        case protocol.Crashed():
            return CRASHED
        case protocol.Cancelled():
            return CANCELLED
        case protocol.GraderFailed():
            return GRADER_FAILED
        case _:
            assert_never(grade)


def look_of_score(score: int) -> Look:
    """How a graded score is shown: full, partial or none."""
    if score == MAX_SCORE:
        return Look("✓", _GRADED, "good")
    return Look("●", _GRADED, "plain" if score else "caution")


def look_of_submission(submission: Submission) -> Look:
    """How a submission's state is shown."""
    match submission.state:
        case SubmissionState.WAITING:
            return WAITING
        case SubmissionState.GRADING:
            return GRADING
        case SubmissionState.SUPERSEDED:
            return SUPERSEDED
        case SubmissionState.RECEIVED:
            return RECEIVED
        case SubmissionState.GRADED:
            return NOT_STARTED if submission.grade is None else look_of_grade(submission.grade)
        case _:
            assert_never(submission.state)


def look_of_task(sitting: Sitting, task: str) -> Look:
    """How a task's state is shown: that of its newest submission that was not superseded."""
    counted = [each for each in sitting.of(task) if each.state is not SubmissionState.SUPERSEDED]
    return look_of_submission(counted[-1]) if counted else NOT_STARTED


def score_tone(score: int | None) -> str:
    """The tone of a best score."""
    if score is None:
        return "quiet"
    return look_of_score(score).tone


def says(submission: Submission, *, coach: bool) -> str:
    """The sentences under a submission, one per line, or nothing.

    Faithful mode shows only n/5 for a graded model, as the real exam does; a faulty file, or
    predictions that are not finite, are always explained.
    """
    grade = submission.grade
    if grade is None:
        return ""
    if isinstance(grade, protocol.Graded) and not coach:
        is_measured = grade.metric.value is not None or grade.is_score_only
        return "" if is_measured else grade.message.text(_)
    return "\n".join(each.text(_) for each in protocol.sentences(grade))
