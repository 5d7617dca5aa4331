"""The footer's entries keep their places while others come and go."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import graded
from tui.locale import _
from tui.widgets.exam.submissions import SubmissionList
from tui.widgets.shared.key_bar import KeyBar


def places(room: Room) -> dict[str, int]:
    """Where each entry starts."""
    bar = room.app.screen.query_one(KeyBar)
    return {each.label: each.start for each in bar._entries}


def stay(before: dict[str, int], after: dict[str, int]) -> bool:
    """Whether the entries that are in both are where they were; the last one follows them."""
    return all(after[each] == before[each] for each in before.keys() & after.keys() - {_("More")})


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
        assert _("Restore") in with_restore
        assert stay(at_first, with_restore)
        await room.scene.take("garments")
        await room.scene.grading()
        await room.settle()
        with_both = places(room)
        assert with_restore.items() <= with_both.items()  # nothing moves by itself
        await room.scene.answer(graded(5))
        await room.settle()
        assert places(room) == with_restore
        await room.pilot.press("z")
        await room.settle()
        assert stay(at_first, places(room))


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (120, 40)])
async def test_what_has_no_room_is_a_click_away(open_exam: OpenRoom, size: tuple[int, int]) -> None:
    async with open_exam(size=size, kind="practice", mode="coach") as room:
        await room.scene.take("flats", graded(3))
        await room.pilot.press("m")
        await room.settle()
        bar = room.app.screen.query_one(KeyBar)
        assert bar._entries[-1].end <= size[0] - 2
        assert "Restore" in bar.labels  # never that for which one waits
        all_are_here = {"Submit", "Review", "Pause", "End", "Help", "Quit"} <= set(bar.labels)
        assert ("More" in bar.labels) is not all_are_here
        if "More" in bar.labels:
            await click(room.pilot, places(room)["More"])
            await room.settle()
            assert room.screen_name == "TranslatedPalette"


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


@pytest.mark.parametrize("key", ["u", "e", "a"])
async def test_a_dialogs_keys_are_called_as_its_buttons(open_exam: OpenRoom, key: str) -> None:
    async with open_exam(size=(80, 24), kind="practice", mode="coach") as room:
        await room.scene.leave_late("flats")
        await room.pilot.press(key)
        await room.settle()
        buttons = {str(each.label) for each in room.app.screen.query(Button) if each.display}
        assert len(buttons) >= 2
        assert buttons <= set(room.app.screen.query_one(KeyBar).labels)
