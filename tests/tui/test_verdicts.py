import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.clock import ManualClock
from engine.grading import protocol
from engine.grading.protocol import Grade, Message
from engine.sitting.state import events
from tests.tui.fakes import FakeProctor, graded, make_record, rejected
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


@pytest.fixture
def proctor() -> FakeProctor:
    clock = ManualClock()
    made = FakeProctor(clock, make_record(clock), {})
    made.start()
    return made


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


def test_a_task_moves_through_its_states(proctor: FakeProctor) -> None:
    def word() -> str:
        return verdicts.look_of_task(proctor.sitting, "garments").word

    assert word() == "not started"
    number = proctor.take("garments")
    assert word() == "waiting"
    proctor.grade_on(number)
    assert word() == "grading"
    proctor.take("hands", graded(5))
    assert word() == "grading"


def test_a_superseded_save_does_not_hide_the_grade_before(proctor: FakeProctor) -> None:
    proctor.take("garments", graded(3))
    older = proctor.take("garments")
    newer = proctor.take("garments")
    proctor.happen(events.Superseded(at=proctor.now(), number=older, by=newer))
    assert verdicts.look_of_task(proctor.sitting, "garments").word == "waiting"


def test_faithful_mode_says_no_more_than_the_score(proctor: FakeProctor) -> None:
    proctor.take("garments", graded(3))
    submission = proctor.sitting.submissions[-1]
    assert verdicts.says(submission, coach=False) == ""
    assert verdicts.says(submission, coach=True) == "Accuracy 0.85."


def test_both_modes_explain_a_rejected_file_and_nan(proctor: FakeProctor) -> None:
    proctor.take("garments", rejected())
    proctor.take("garments", graded(0, None, "The predictions contain NaN."))
    faults = [verdicts.says(each, coach=False) for each in proctor.sitting.submissions]
    assert faults[0].startswith("Your model takes (28, 28, 1); this task gives (28, 28)")
    assert faults[1] == "The predictions contain NaN."


def test_coach_mode_shows_the_notes_on_a_graded_model(proctor: FakeProctor) -> None:
    grade = graded(3)
    assert isinstance(grade, protocol.Graded)
    proctor.take("garments", replace(grade, notes=(Message("Your model ends in logits."),)))
    submission = proctor.sitting.submissions[-1]
    assert verdicts.says(submission, coach=True) == "Accuracy 0.85.\nYour model ends in logits."
    assert verdicts.says(submission, coach=False) == ""
