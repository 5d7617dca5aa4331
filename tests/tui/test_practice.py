"""The set-up of a practice session, apart from the choice of its tasks."""

from pathlib import Path

from msgspec.structs import replace
from textual.widgets import Button, Input, OptionList

from exam_bank.task import LevelMarks
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import FakeServices
from tui.start import NewPractice


async def practise(room: Room) -> None:
    await room.pilot.press("p")
    await room.settle()
    await room.pilot.press("space")
    await room.settle()


async def test_length_mode_and_folder_are_of_the_session(
    open_room: OpenRoom, services: FakeServices, tmp_path: Path
) -> None:
    async with open_room(practice_minutes=45) as room:
        await practise(room)
        assert room.text("#count") == "1 task chosen"
        await room.pilot.press("tab", "right", "tab")
        assert room.app.focused is room.app.screen.query_one("#minutes")
        await room.pilot.press("backspace", "backspace", *"20", "tab", "left", "tab", "tab")
        await room.pilot.press(*str(tmp_path / "p"), "f2")
        await room.settle()
        assert services.orders == [
            NewPractice(("flats",), minutes=20.0, dir=tmp_path / "p", mode="faithful", level="hard")
        ]
        assert room.screen_name == "SetupScreen"


async def test_who_leaves_the_set_up_finds_the_choice_as_it_was(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room() as room:
        await practise(room)
        room.app.screen.query_one("#minutes", Input).value = "20"
        await room.pilot.press("f2")
        await room.settle()
        assert room.screen_name == "SetupScreen"
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "PracticeScreen"
        assert room.text("#count") == "1 task chosen"
        assert room.app.screen.query_one("#minutes", Input).value == "20"
        await room.pilot.press("f2")
        await room.settle()
        first, second = services.orders
        assert first == second
        assert first.minutes == 20


async def test_a_length_that_is_none_is_told_before_anything_is_prepared(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room() as room:
        await practise(room)
        room.app.screen.query_one("#minutes", Input).value = "-3"
        await room.pilot.click("#set-up")
        await room.settle()
        assert services.orders == []
        assert "✗ it must be a number above 0" in str(
            room.app.screen.query_one("#field-minutes .note").render()
        )
        assert room.app.focused is room.app.screen.query_one("#minutes")


async def test_without_a_task_nothing_is_set_up(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room() as room:
        await room.pilot.press("p")
        await room.settle()
        assert room.app.screen.query_one("#set-up", Button).disabled
        assert "Set up" not in room.offered()
        await room.pilot.press("tab", "enter", "f2")
        await room.settle()
        assert room.screen_name == "PracticeScreen"
        assert services.orders == []


async def test_a_task_that_is_on_the_other_level_only_cannot_be_chosen(
    open_room: OpenRoom, services: FakeServices
) -> None:
    task = services.task_map["flats"]
    marks = LevelMarks(thresholds=(0.8, 0.82, 0.85, 0.88, 0.9))
    scheme = replace(task.says.mark_scheme, thresholds=None, classic=marks)
    services.task_map["flats"] = replace(task, says=replace(task.says, mark_scheme=scheme))
    async with open_room() as room:
        await practise(room)
        menu = room.app.screen.query_one("#tasks", OptionList)
        assert str(menu.options[0].prompt).startswith("■")
        await room.pilot.press("tab", "right")
        await room.settle()
        assert str(menu.options[0].prompt).startswith("×  1")
        assert "(not on this level)" in str(menu.options[0].prompt)
        assert room.app.screen.query_one("#set-up", Button).disabled
        menu.focus()
        await room.pilot.press("space")
        await room.settle()
        assert str(menu.options[0].prompt).startswith("×")
        assert room.notices()[-1].endswith("It is only on the level classic.")
