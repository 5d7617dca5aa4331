import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.clock import ManualClock
from engine.grading import protocol
from engine.grading.protocol import Grade, Message
from engine.sitting.state import events
from engine.sitting.state.sitting import Sitting
from tests.tui.fakes import graded, make_record, rejected, submitted
from tui.text import verdicts
from tui.text.verdicts import Look

NOTHING = Message("")
GRADES: list[tuple[Grade, str]] = [
    (graded(5), "graded"),
    (rejected(), "rejected"),
    (protocol.TimedOut(message=NOTHING), "timed out"),
    (protocol.OutOfMemory(message=NOTHING), "out of memory"),
    (protocol.Crashed(message=NOTHING), "crashed"),
    (protocol.Cancelled(message=NOTHING), "cancelled"),
    (protocol.GraderFailed(message=NOTHING), "grader failed"),
]


class Story:
    """What happened in a sitting, and the resulting state."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.sitting = Sitting(record=make_record(self.clock))
        self.happen(events.Started(at=self.clock.now()))

    def happen(self, *happened: events.Event) -> None:
        for event in happened:
            self.sitting = self.sitting.apply(event)

    def take(self, task: str, grade: Grade | None = None) -> int:
        number = len(self.sitting.submissions) + 1
        self.happen(*submitted(self.clock, number, task, grade))
        return number


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.mark.parametrize(("grade", "word"), GRADES, ids=[word for _grade, word in GRADES])
def test_each_verdict_has_a_word_of_its_own(grade: Grade, word: str) -> None:
    assert verdicts.look_of_grade(grade).word == word


def test_glyphs_are_one_cell_wide() -> None:
    looks = [each for each in vars(verdicts).values() if isinstance(each, Look)]
    looks += [verdicts.look_of_score(score) for score in range(6)]
    assert {cell_len(look.glyph) for look in looks} == {1}


def test_full_some_and_no_points_differ_without_colour() -> None:
    assert verdicts.look_of_score(5).glyph != verdicts.look_of_score(4).glyph
    assert {verdicts.look_of_score(score).tone for score in (0, 3, 5)} == {
        "caution",
        "plain",
        "good",
    }


def test_a_task_moves_through_its_states(story: Story) -> None:
    def word() -> str:
        return verdicts.look_of_task(story.sitting, "garments").word

    assert word() == "not started"
    number = story.take("garments")
    assert word() == "waiting"
    story.happen(events.GradingStarted(at=story.clock.now(), number=number))
    assert word() == "grading"
    story.take("hands", graded(5))
    assert word() == "grading"


def test_a_superseded_save_does_not_hide_the_grade_before(story: Story) -> None:
    story.take("garments", graded(3))
    older = story.take("garments")
    newer = story.take("garments")
    story.happen(events.Superseded(at=story.clock.now(), number=older, by=newer))
    assert verdicts.look_of_task(story.sitting, "garments").word == "waiting"


def test_faithful_mode_says_no_more_than_the_score(story: Story) -> None:
    story.take("garments", graded(3))
    submission = story.sitting.submissions[-1]
    assert verdicts.says(submission, coach=False) == ""
    assert verdicts.says(submission, coach=True) == "Accuracy 0.85."


def test_both_modes_explain_a_rejected_file_and_nan(story: Story) -> None:
    story.take("garments", rejected())
    story.take("garments", graded(0, None, "The predictions contain NaN."))
    faults = [verdicts.says(each, coach=False) for each in story.sitting.submissions]
    assert faults[0].startswith("Your model takes (28, 28, 1); this task provides (28, 28)")
    assert faults[1] == "The predictions contain NaN."


def test_coach_mode_shows_the_notes_on_a_graded_model(story: Story) -> None:
    grade = graded(3)
    assert isinstance(grade, protocol.Graded)
    story.take("garments", replace(grade, notes=(Message("Your model ends in logits."),)))
    submission = story.sitting.submissions[-1]
    assert verdicts.says(submission, coach=True) == "Accuracy 0.85.\nYour model ends in logits."
    assert verdicts.says(submission, coach=False) == ""
