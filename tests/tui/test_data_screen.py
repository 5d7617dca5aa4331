"""The app lists, fetches, verifies and adds data sets without being blocked."""

import hashlib
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from engine.clock import ManualClock
from engine.errors import DataError
from engine.settings import Settings
from exam_bank.datasets.registry import built_in
from exam_bank.datasets.store import absent
from tests.exam_bank.data_server import ranged, serving
from tests.exam_bank.test_task import WHOLE, write
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices
from tests.tui.test_cli_data import CONTENT, SETS, TABLE, git_sha1
from tui.app import ExamApp


async def show(room: Room) -> None:
    await room.pilot.press("d")
    await at_rest(room)


async def at_rest(room: Room) -> None:
    await until(room, lambda: "Verify" in room.offered())


def rows(room: Room) -> list[str]:
    listed = room.app.screen.query_one("#sets", OptionList)
    return [" ".join(str(option.prompt).split()) for option in listed.options]


async def enter_path(room: Room, text: str) -> None:
    await room.pilot.press("a")
    await room.settle()
    room.app.screen.query_one("#path", Input).value = text
    await room.pilot.press("enter")


async def test_the_list_says_in_words_what_is_here(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await show(room)
        assert rows(room) == [
            "✓ here garments 26 MB",
            "! partly hands 230 MB",
            "○ absent reviews 84 MB",
            "○ absent planets 1 kB",
        ]


async def test_every_built_in_set_fits_its_line_beside_a_scroll_bar(
    open_room: OpenRoom, services: FakeServices
) -> None:
    absent = services.data_sets.states[1]
    services.data_sets.states = [replace(absent, id=name) for name in built_in().sets]
    async with open_room() as room:
        await show(room)
        listed = room.app.screen.query_one("#sets", OptionList)
        assert listed.virtual_size.height == len(built_in().sets)
        assert [row.split()[2] for row in rows(room)] == list(built_in().sets)


async def test_the_details_are_those_of_the_highlighted_one(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await show(room)
        assert "Fetch" not in room.offered()
        await room.pilot.press("down")
        await room.settle()
        said = room.text("#details")
        assert "CC BY 4.0" in said
        assert "3 Hand shapes" in said
        assert "○ absent hands.zip 201\xa0MB" in said
        assert "✓ here hands-test.zip" in said
        assert "Fetch" in room.offered()
        await room.pilot.press("end")
        await room.settle()
        assert "not in this bank" in room.text("#details")


async def test_what_appears_above_moves_the_highlight_along_with_its_data_set(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room() as room:
        await show(room)
        await room.pilot.press("down", "down")
        await room.settle()
        assert "academic use" in room.text("#details")
        new = replace(services.data_sets.states[0], id="added-meanwhile")
        services.data_sets.states = [new, *services.data_sets.states]
        await room.pilot.press("v")
        await until(room, lambda: len(rows(room)) == 5)
        await at_rest(room)
        assert room.app.screen.query_one("#sets", OptionList).highlighted == 3
        assert "academic use" in room.text("#details")


async def test_a_click_or_enter_only_shows_what_there_is_to_fetch(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room() as room:
        await show(room)
        await room.pilot.click("#sets", offset=(5, 2))
        await room.pilot.press("enter")
        await room.settle()
        assert "academic use" in room.text("#details")
        assert services.data_sets.asked == []


async def test_fetching_shows_how_far_it_is_and_leaves_the_screen_usable(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.data_sets.hold.clear()
    async with open_room() as room:
        await show(room)
        await room.pilot.press("down", "f")
        await until(room, lambda: "80 MB / 201 MB" in room.text("#status"))
        assert "hands.zip from files.example.org" in room.text("#status")
        assert "Cancel" in room.offered()
        assert not {"Fetch", "Add", "Verify"} & set(room.offered())
        await room.pilot.press("down")
        await room.settle()
        assert "academic use" in room.text("#details")
        services.data_sets.hold.set()
        await at_rest(room)
        assert room.text("#status") == "✓ hands is here."
        assert rows(room)[1] == "✓ here hands 230 MB"


async def test_what_cannot_be_fetched_says_what_to_do(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.data_sets.fails = DataError("No source gave hands.zip.", fix="Add it by hand.")
    async with open_room() as room:
        await show(room)
        await room.pilot.press("down", "f")
        await until(room, lambda: "No source gave" in room.text("#status"))
        await at_rest(room)
        assert room.text("#status") == (
            "✗ The data of a task are not available\nNo source gave hands.zip. Add it by hand."
        )
        assert "Fetch" in room.offered()


async def test_leaving_stops_what_is_fetched(open_room: OpenRoom, services: FakeServices) -> None:
    services.data_sets.hold.clear()
    async with open_room() as room:
        await show(room)
        await room.pilot.press("down", "f")
        await until(room, lambda: bool(services.data_sets.asked))
        job = room.app.bridge._background
        assert job is not None
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        assert job.cancel.is_set()
        assert not job.is_alive()


async def test_leaving_does_not_wait_for_what_cannot_be_stopped(
    open_room: OpenRoom, services: FakeServices
) -> None:
    hashed = threading.Event()

    def verify() -> dict[Path, DataError]:
        hashed.wait(30)
        return {}

    services.data_sets.verify = verify  # type: ignore[method-assign]
    async with open_room() as room:
        await show(room)
        await room.pilot.press("v")
        await room.settle()
        assert "Checking every file" in room.text("#status")
        job = room.app.bridge._background
        assert job is not None
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        assert job.is_alive()
        hashed.set()
        job.join()
        await room.settle()
        assert room.notices() == []


async def test_quitting_stops_what_is_fetched(open_room: OpenRoom, services: FakeServices) -> None:
    services.data_sets.hold.clear()
    async with open_room() as room:
        await show(room)
        await room.pilot.press("down", "f")
        await until(room, lambda: bool(services.data_sets.asked))
        job = room.app.bridge._background
        await room.pilot.press("ctrl+q")
    assert job is not None
    assert not job.is_alive()


async def test_verifying_says_what_is_damaged(open_room: OpenRoom, services: FakeServices) -> None:
    async with open_room() as room:
        await show(room)
        await room.pilot.press("v")
        await until(room, lambda: "3 files are intact" in room.text("#status"))
        await at_rest(room)
        wrong = DataError("hands.zip of hands holds other bytes than it should")
        services.data_sets.damaged = {Path("/cache/hands.zip"): wrong}
        await room.pilot.press("v")
        await until(room, lambda: "✗ /cache/hands.zip: hands.zip of" in room.text("#status"))
        assert "Remove the damaged files" in room.text("#status")


async def test_a_file_is_added_by_its_path(
    open_room: OpenRoom, services: FakeServices, tmp_path: Path
) -> None:
    async with open_room() as room:
        await show(room)
        await enter_path(room, str(tmp_path / "r.tgz"))
        await until(room, lambda: "reviews.tar.gz of reviews was added" in room.text("#status"))
        await at_rest(room)
        assert services.data_sets.asked == [f"add {tmp_path / 'r.tgz'}"]
        assert rows(room)[2] == "✓ here reviews 84 MB"
        assert room.app.focused is room.app.screen.query_one("#sets")


async def test_a_file_that_is_refused_is_told_at_its_path(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.data_sets.fails = DataError("/x is not a file.", fix="Name files, not folders.")
    async with open_room() as room:
        await show(room)
        await enter_path(room, "/x")
        field = room.app.screen.query_one("#field-path .note")
        await until(room, lambda: "✗ /x is not a file." in str(field.render()))
        assert room.app.focused is room.app.screen.query_one("#path")
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "DataScreen"
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"


async def test_troubles_are_said_in_chinese_too(
    open_room: OpenRoom, services: FakeServices, tmp_path: Path
) -> None:
    services.data_sets.fails = absent({"hands": {}})
    async with open_room(lang="zh") as room:
        await room.pilot.press("d")
        await until(room, lambda: "校验" in room.offered())
        await room.pilot.press("down", "f")
        await until(room, lambda: "✗" in room.text("#status"))
        _title, said = room.text("#status").split("\n")
        assert "缺少数据" in said
        await until(room, lambda: "校验" in room.offered())
        await enter_path(room, "/x")
        field = room.app.screen.query_one("#field-path .note")
        await until(room, lambda: "缺少数据" in str(field.render()))


async def test_a_fault_nobody_foresaw_is_told_and_the_app_goes_on(
    open_room: OpenRoom, services: FakeServices
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("by zero")

    services.data_sets.sets = broken  # type: ignore[method-assign,assignment]
    async with open_room() as room:
        await room.pilot.press("d")
        await until(room, lambda: "ZeroDivisionError" in room.text("#status"))
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"


async def test_set_up_looks_again_at_what_is_here_after_fetching(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.absent_tasks = frozenset({"hands"})
    async with open_room() as room:
        await room.pilot.press("n")
        await room.settle()
        assert "0/1" in room.text("#data")
        await room.pilot.press("f3")
        await at_rest(room)
        services.absent_tasks = frozenset()
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "SetupScreen"
        assert "0/1" not in room.text("#data")


@pytest.mark.parametrize("by", ["fetch", "add"])
async def test_the_real_store_is_filled(tmp_path: Path, services: FakeServices, by: str) -> None:
    with serving() as server:
        folder = write(tmp_path / "pack" / "ant", WHOLE.replace('"synthetic"', '"numbers"'))
        text = SETS.format(
            length=len(CONTENT),
            sha256=hashlib.sha256(CONTENT).hexdigest(),
            table=git_sha1(TABLE),
            url=server.url("/numbers", ranged(CONTENT)),
        )
        (folder.parent / "datasets.toml").write_text(text)
        (tmp_path / "mine").write_bytes(CONTENT)
        environment = {"TFEXAM_CONFIG": "/nowhere", "TFEXAM_LANG": "en"}
        flags = {"home": tmp_path / "home", "bank": str(folder.parent)}
        settings = Settings.load(flags, environment=environment, folder=tmp_path)
        app = ExamApp(settings, ManualClock())
        async with app.run_test(size=(120, 40)) as pilot:
            room = Room(app, services, pilot)
            await show(room)
            assert any(row.startswith("○ absent numbers") for row in rows(room))
            app.screen.query_one("#sets", OptionList).highlighted = next(
                place for place, row in enumerate(rows(room)) if "numbers" in row
            )
            await room.settle()
            if by == "fetch":
                await pilot.press("f")
            else:
                await enter_path(room, str(tmp_path / "mine"))
            await until(room, lambda: any("✓ here numbers" in row for row in rows(room)))
        assert (tmp_path / "home/cache/datasets/numbers/numbers.bin").read_bytes() == CONTENT
