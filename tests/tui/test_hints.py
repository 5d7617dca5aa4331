"""Hints on the exam screen: one at a time, counted, and never in faithful mode."""

import pytest
from textual.widgets import Markdown

from engine.sitting.state.sitting import Phase
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import graded
from tui.screens.exam_brief import with_hints


def brief(room: Room) -> str:
    return str(room.app.screen.query_one("#brief Markdown", Markdown).source)


async def press(room: Room, *keys: str) -> None:
    for key in keys:
        await room.pilot.press(key)
        await room.settle()


@pytest.mark.parametrize("kind", ["exam", "practice"])
async def test_h_shows_one_hint_more_until_there_are_none(open_exam: OpenRoom, kind: str) -> None:
    async with open_exam(kind=kind, mode="coach", count=2) as room:
        assert "Hint" in room.offered()
        assert "Where do I start?" not in brief(room)
        await press(room, "h")
        assert "## Hint 1 of 2 · Where do I start?" in brief(room)
        assert "stuck at three" not in brief(room)
        await press(room, "h")
        assert "## Hint 2 of 2 · I am stuck at three points." in brief(room)
        assert "Hint" not in room.offered()
        await press(room, "h")
        assert room.scene.happened() == ["HintSeen", "HintSeen"]
        assert room.scene.sitting.hints == {"flats": 2}


async def test_each_task_has_its_own(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await press(room, "h", "2")
        assert "Hint 1" not in brief(room)
        await press(room, "h", "1")
        assert "Hint 1 of 2" in brief(room)
        assert room.scene.sitting.hints == {"flats": 1, "garments": 1}


async def test_from_another_pane_it_first_shows_those_seen(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        await press(room, "h", "f", "h")
        assert room.app.screen.query_one("#brief").display
        assert room.scene.sitting.hints == {"flats": 1}
        await press(room, "h", "f")
        assert "Hint" in room.offered()  # to look at them again
        await press(room, "h")
        assert room.scene.sitting.hints == {"flats": 2}


@pytest.mark.parametrize("kind", ["exam", "practice"])
async def test_faithful_mode_has_none(open_exam: OpenRoom, kind: str) -> None:
    async with open_exam(kind=kind, mode="faithful", count=2) as room:
        assert "Hint" not in room.offered()
        before = brief(room)
        await press(room, "h")
        assert brief(room) == before
        assert room.scene.happened() == []
        assert not room.notices()
        assert room.scene.sitting.phase is Phase.RUNNING


async def test_the_result_and_history_count_them(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await room.scene.take("flats", graded(4))
        await press(room, "h", "h", "2", "h")
        await room.scene.end()
        await room.settle()
        assert "Hints   3 seen, in categories 1, 2" in room.text("#facts")


async def test_they_are_shown_in_chinese(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1, flags={"lang": "zh"}) as room:
        await press(room, "h")
        assert "## 提示 1/2 · 从哪里开始" in brief(room)


def test_a_hint_without_a_title_has_its_number_only() -> None:
    from exam_bank.learning.hints import Hint

    found = with_hints("# Brief\n", [Hint("", "Try a line.")], 3)
    assert found == "# Brief\n\n## Hint 1 of 3\n\nTry a line.\n"
