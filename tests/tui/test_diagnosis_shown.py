"""What explains a score, where a candidate sees it: under its submission, and in the review."""

import pytest
from textual.widgets import Markdown

from engine.grading.diagnosis import Diagnoses, Diagnosis
from engine.sitting.notices import ModelDiagnosed
from engine.sitting.store.diagnoses import keep
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices, graded
from tui.link.messages import EngineNotice
from tui.widgets.exam.submissions import SubmissionList

SAYS = "◆ With inputs times 255 this model would score 4/5: it was trained on 0–255."
FIX = "Divide the training data by 255"


def found(room: Room, number: int = 1) -> Diagnoses:
    each = room.scene.sitting.submission(number)
    first = Diagnosis(id="inputs_times_255", would_score=4)
    return Diagnoses(task=each.task, sha256=each.sha256, score=2, found=(first,))


def listed(room: Room) -> str:
    shown = room.app.screen.query_one(SubmissionList)
    options = [shown.get_option_at_index(at) for at in range(shown.option_count)]
    return "\n".join(str(each.prompt) for each in options)


def words(room: Room) -> str:
    """The list without its line breaks and the figures beside its lines."""
    return " ".join("".join(each for each in listed(room) if each not in "█▀▄").split())


async def test_it_comes_under_the_verdict_with_the_fix(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await room.scene.take("flats", graded(2))
        await room.settle()
        assert "◆" not in listed(room)
        told = EngineNotice(ModelDiagnosed(1, "flats", found(room)))
        room.app.screen.post_message(told)
        await room.settle()
        assert listed(room).startswith("▾ #1")  # opened by itself: it says what to mend
        assert SAYS in words(room)
        assert FIX in words(room)
        await room.pilot.press("m", "enter")
        await room.settle()
        assert listed(room).startswith("▸ #1")
        assert FIX not in words(room)


@pytest.mark.parametrize(("mode", "is_shown"), [("coach", True), ("faithful", False)])
async def test_what_was_found_before_is_shown_again_but_not_in_faithful_mode(
    open_exam: OpenRoom, services: FakeServices, mode: str, is_shown: bool
) -> None:
    async with open_exam(kind="practice", mode=mode, count=2) as room:
        await room.scene.take("flats", graded(2))
        await room.settle()
        keep(room.scene.folder, found(room))
        room.app.screen.state.read_diagnoses(room.scene.folder)  # type: ignore[attr-defined]
        await room.scene.take("flats", graded(1))
        await room.settle()
        await room.pilot.press("m", "down", "enter")
        await room.settle()
        assert (SAYS in words(room)) is is_shown


async def test_the_result_says_how_far_it_is_and_waits_for_nothing(
    open_exam: OpenRoom, services: FakeServices
) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await room.scene.take("flats", graded(2))
        services.hold.clear()
        await room.scene.end()
        await room.settle()
        assert room.text("#verdict") == "● Session over"
        await until(room, lambda: bool(services.explained))
        card = room.app.screen.query_one("#card")
        await until(room, lambda: card.border_subtitle == "explaining grades: 0 of 2")
        services.hold.set()
        await until(room, lambda: not card.border_subtitle)
        assert services.explained == [room.scene.folder]


async def test_the_review_says_it_once_it_is_there(
    open_exam: OpenRoom, services: FakeServices
) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await room.scene.take("flats", graded(2))
        await room.scene.end()
        await room.settle()
        await until(room, lambda: bool(services.explained))
        services.hold.clear()
        await room.pilot.press("v")
        await room.settle()
        text = room.app.screen.query_one("#text", Markdown)
        assert "With inputs times 255" not in text.source
        keep(room.scene.folder, found(room))
        services.hold.set()
        await until(room, lambda: "With inputs times 255" in text.source)
        assert "What explains the score" in text.source
        assert FIX in text.source
