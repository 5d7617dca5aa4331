"""The options of a new exam on the set-up screen that home opens."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import Button, Input

from engine.errors import DataError, PaperCodeError
from engine.settings_schema import setting
from exam_bank.task import LevelMarks
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import FakeServices
from tui import locale
from tui.start import NewExam
from tui.text.setting_faults import fault_of
from tui.widgets.forms.choice import Choice


async def ask(room: Room) -> None:
    await room.pilot.press("n")
    await room.settle()
    assert room.screen_name == "SetupScreen"


async def enter(room: Room, name: str, text: str) -> None:
    entry = room.app.screen.query_one(f"#{name}", Input)
    entry.focus()
    entry.value = ""
    await room.pilot.press(*text)


def fault(room: Room, name: str) -> str:
    field = room.app.screen.query_one(f"#field-{name}")
    return str(field.query_one(".note").render()) if field.has_class("-wrong") else ""


async def test_nothing_is_prepared_before_it_is_asked_for(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room() as room:
        await ask(room)
        assert services.orders == []
        assert "Prepare" in room.offered()
        assert "Start" not in room.offered()
        assert len(room.app.screen.query("CheckRow")) == len(services.check_list)


async def test_enter_twice_sits_an_exam_as_the_settings_say(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room(minutes=250) as room:
        await ask(room)
        await room.pilot.press("enter")
        await room.settle()
        assert services.orders == [NewExam(minutes=250.0, mode="faithful", level="classic")]
        assert "Start" in room.offered()
        await room.pilot.press("enter")
        await room.settle()
        assert room.screen_name == "ExamScreen"


async def test_everything_can_be_entered_by_keyboard(
    open_room: OpenRoom, services: FakeServices, tmp_path: Path
) -> None:
    async with open_room() as room:
        await ask(room)
        await enter(room, "code", "tfx-7q2m-0kxd-93pa")
        await room.pilot.press("down", "right", "down")
        await room.pilot.press("backspace", "backspace", "backspace", *"90")
        await room.pilot.press("tab", "right", "down", "space", "down")
        await room.pilot.press(*str(tmp_path / "monday"), "enter")
        await room.settle()
        (order,) = services.orders
        assert isinstance(order, NewExam)
        assert order.paper is not None
        assert (order.minutes, order.mode, order.submitting) == (90.0, "coach", "by_hand")
        assert (order.dir, order.level) == (tmp_path / "monday", "classic")  # the code says


async def test_a_choice_is_made_by_mouse_too(open_room: OpenRoom, services: FakeServices) -> None:
    async with open_room() as room:
        await ask(room)
        await room.pilot.click("#mode", offset=(14, 0))
        await room.settle()
        assert room.app.screen.query_one("#mode", Choice).value == "coach"
        assert "explains" in str(room.app.screen.query_one("#field-mode .note").render())
        await room.pilot.click("#prepare")
        await room.settle()
        assert services.orders == [NewExam(minutes=300.0, mode="coach", level="classic")]


async def test_what_is_wrong_stands_under_its_entry(
    open_room: OpenRoom, services: FakeServices, tmp_path: Path
) -> None:
    (tmp_path / "taken" / "Category2").mkdir(parents=True)
    async with open_room() as room:
        await ask(room)
        await enter(room, "minutes", "soon")
        await room.pilot.press("down")
        assert fault(room, "minutes") == "✗ it must be a number above 0 and below 1000000"
        await enter(room, "folder", str(tmp_path / "taken"))
        await room.pilot.press("f2")
        await room.settle()
        assert fault(room, "folder").startswith("✗ It already holds Category2")
        assert services.orders == []
        assert room.app.focused is room.app.screen.query_one("#minutes")
        await room.pilot.press("9")
        assert fault(room, "minutes") == ""


@pytest.mark.parametrize("folder", ["~nobody-of-that-name/x", "/dev/null"])
async def test_a_folder_that_is_none_is_told(open_room: OpenRoom, folder: str) -> None:
    async with open_room() as room:
        await ask(room)
        await enter(room, "folder", folder)
        await room.pilot.press("f2")
        assert fault(room, "folder")


async def test_a_code_that_names_no_paper_is_told_at_the_code(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.code_fails = PaperCodeError("'TFX' has a typing error.", fix="Compare it.")
    async with open_room() as room:
        await ask(room)
        await enter(room, "code", "TFX")
        await room.pilot.press("enter")
        await room.settle()
        assert fault(room, "code") == "✗ 'TFX' has a typing error. Compare it."
        assert room.app.focused is room.app.screen.query_one("#code")
        # The same code is not tried again; another one is.
        await room.pilot.press("enter")
        services.code_fails = None
        await room.pilot.press("1", "enter")
        await room.settle()
        assert len(services.orders) == 1


async def test_after_a_failed_preparation_the_entries_can_be_changed(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.fails = DataError("The data of garments could not be made.", fix="Free memory.")
    async with open_room() as room:
        await ask(room)
        await room.pilot.press("f2")
        await room.settle()
        assert "could not be made" in room.text("#progress")
        assert "Prepare" in room.offered()
        services.fails = None
        await enter(room, "minutes", "60")
        await room.pilot.press("enter")
        await room.settle()
        assert [order.minutes for order in services.orders] == [300.0, 60.0]
        assert "The paper is ready" in room.text("#progress")


async def test_it_says_of_how_many_tasks_the_data_are_here(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.absent_tasks = frozenset({"hands"})
    async with open_room() as room:
        await ask(room)
        first, second = room.text("#data").split("\n")
        assert first == "1 ✓ 1/1   2 ✓ 1/1   3 ✗ 0/1   4 ✓ 1/1   5 ✓ 1/1"
        assert second == "the data of 1 task must be fetched"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("size", [(108, 34), (120, 40)])
async def test_where_one_line_has_no_room_for_them_they_stand_in_even_rows(
    open_room: OpenRoom, services: FakeServices, size: tuple[int, int], lang: str
) -> None:
    services.absent_tasks = frozenset({"hands"})
    async with open_room(size=size, lang=lang) as room:
        await ask(room)
        assert room.text("#data").split("\n")[:2] == [
            "1 ✓ 1/1   2 ✓ 1/1   3 ✗ 0/1",
            "4 ✓ 1/1   5 ✓ 1/1",
        ]
        assert room.app.screen.query_one("#data").size.height == 3


async def test_letters_typed_into_an_entry_are_no_keys(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room() as room:
        await ask(room)
        await enter(room, "code", "sr")
        assert services.orders == []
        assert room.app.screen.query_one("#code", Input).value == "sr"


async def test_the_data_are_those_of_the_tasks_on_the_chosen_level(
    open_room: OpenRoom, services: FakeServices
) -> None:
    task = services.task_map["flats"]
    marks = LevelMarks(thresholds=(0.8, 0.82, 0.85, 0.88, 0.9))
    scheme = replace(task.says.mark_scheme, thresholds=None, classic=marks)
    services.task_map["flats"] = replace(task, says=replace(task.says, mark_scheme=scheme))
    async with open_room() as room:
        await ask(room)
        assert room.text("#data").startswith("1 ✓ 1/1")
        room.app.screen.query_one("#level", Choice).focus()
        await room.pilot.press("right")
        await room.settle()
        assert room.text("#data").startswith("1 ✗ 0/0")


async def test_a_code_is_sat_on_its_own_level(open_room: OpenRoom, services: FakeServices) -> None:
    async with open_room() as room:
        await ask(room)
        room.app.screen.query_one("#level", Choice).focus()
        await room.pilot.press("right")
        await enter(room, "code", "tfx-7q2m-0kxd-93pa")
        await room.pilot.press("enter")
        await room.settle()
        (order,) = services.orders
        assert isinstance(order, NewExam)
        assert order.paper is not None
        assert order.level == order.paper.level == "classic"


async def test_leaving_while_a_code_is_looked_up_prepares_nothing(
    open_room: OpenRoom, services: FakeServices
) -> None:
    waits = asyncio.Event()

    async def paper(code: str, folder: Path | None) -> None:
        await waits.wait()

    services.paper = paper  # type: ignore[method-assign,assignment]
    async with open_room() as room:
        await ask(room)
        await enter(room, "code", "TFX")
        await room.pilot.press("enter")
        await room.settle()
        assert room.app.screen.query_one("#prepare", Button).disabled
        await room.pilot.press("escape")
        await room.settle()
        waits.set()
        await room.settle()
        assert services.orders == []


def test_the_faults_of_settings_are_told_in_chinese_too() -> None:
    locale.set_language("zh")
    for name, text in (
        ("minutes", "soon"),
        ("bell", "maybe"),
        ("workspaces", "/\udcff"),
        ("home", "~nobody-x/"),
    ):
        assert fault_of(setting(name), text).isascii() is False
