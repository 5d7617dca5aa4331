"""Windows that are smaller than a screen can use."""

import pytest

from tests.tui.conftest import OpenRoom, Room


def shown(room: Room) -> list[str]:
    """The lines of the screen that are not empty."""
    strips = room.app.screen._compositor.render_strips()
    lines = ("".join(segment.text for segment in strip).strip() for strip in strips)
    return [line for line in lines if line]


@pytest.mark.parametrize("key", ["d", "k", "p"])
async def test_a_screen_without_room_is_covered_as_a_whole(open_room: OpenRoom, key: str) -> None:
    async with open_room(size=(60, 15)) as room:
        await room.pilot.press(key)
        await room.settle()
        # No sitting is open, so neither clock nor gradings are spoken of.
        assert shown(room) == ["This window is too small", "It is 60×15; this needs 80×24."]


async def test_the_history_has_room_where_it_says_so(open_room: OpenRoom) -> None:
    async with open_room(size=(60, 15)) as room:
        await room.pilot.press("h")
        await room.settle()
        assert any("No sittings yet." in line for line in shown(room))


async def test_a_hint_is_shown_where_the_brief_was_not(open_exam: OpenRoom) -> None:
    async with open_exam(size=(60, 15), kind="practice", mode="coach") as room:
        await room.pilot.press("h")
        await room.settle()
        assert "HintSeen" in room.scene.happened()
        assert any("Hint 1 of" in line for line in shown(room))
