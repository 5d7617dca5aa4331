"""The footer's entries keep their places while others come and go."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import graded
from tui.widgets.exam.submissions import SubmissionList
from tui.widgets.shared.key_bar import KeyBar


def places(room: Room) -> dict[str, int]:
    """Where each entry starts."""
    bar = room.app.screen.query_one(KeyBar)
    return {each.label: each.start for each in bar._entries}


async def click(pilot: Pilot[None], x: int) -> None:
    await pilot.click(KeyBar, offset=(x + 1, 0))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", ["exam", "practice"])
async def test_what_comes_and_goes_moves_nothing(open_exam: OpenRoom, lang: str, kind: str) -> None:
    async with open_exam(size=(80, 24), flags={"lang": lang}, kind=kind, mode="coach") as room:
        await room.scene.take("flats", graded(3))
        await room.settle()
        at_first = places(room)
        await room.pilot.press("m", "down")
        await room.settle()
        assert room.app.screen.query_one(SubmissionList).has_focus
        with_restore = places(room)
        assert len(with_restore) == len(at_first) + 1
        assert at_first.items() <= with_restore.items()
        await room.scene.take("garments")
        await room.scene.grading()
        await room.settle()
        with_both = places(room)
        assert len(with_both) == len(with_restore) + 1
        assert with_restore.items() <= with_both.items()
        await room.scene.answer(graded(5))
        await room.settle()
        assert places(room) == with_restore
        await room.pilot.press("z")
        await room.settle()
        assert at_first.items() <= places(room).items()


async def test_a_click_that_was_on_its_way_hits_what_it_aimed_at(open_exam: OpenRoom) -> None:
    async with open_exam(size=(80, 24)) as room:
        aim = places(room)["End"]
        await room.scene.take("garments")
        await room.scene.grading()
        await room.settle()
        await click(room.pilot, aim)
        await room.settle()
        assert "Ended" not in room.scene.happened()
        assert room.screen_name == "EndScreen"


@pytest.mark.parametrize("key", ["g", "e"])
async def test_a_dialogs_keys_are_called_as_its_buttons(open_exam: OpenRoom, key: str) -> None:
    async with open_exam(size=(80, 24), kind="practice", mode="coach") as room:
        await room.scene.leave_late("flats")
        await room.pilot.press(key)
        await room.settle()
        buttons = {str(each.label) for each in room.app.screen.query(Button) if each.display}
        assert len(buttons) >= 2
        assert buttons <= set(room.app.screen.query_one(KeyBar).labels)
