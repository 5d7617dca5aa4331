import asyncio
from pathlib import Path

import pytest

from engine.errors import DataError, SittingLockedError
from engine.sitting.store import takeover
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices, a_check
from tui.link import messages
from tui.start import NewExam, NewPractice, Resume
from tui.widgets.forms.checks import CheckRow
from tui.widgets.shared.wrapped_text import WrappedText


def checks(room: Room) -> list[str]:
    rows = room.app.screen.query(CheckRow)
    return [" ".join(str(cell.render()) for cell in row.children) for row in rows]


def shown(room: Room) -> list[str]:
    """The names of the checks that have a line of their own."""
    rows = [each for each in room.app.screen.query(CheckRow) if each.display]
    return [str(each.query_one(".name").render()) for each in rows]


async def test_only_what_is_not_good_has_a_line_until_asked_for(open_room: OpenRoom) -> None:
    async with open_room(NewExam()) as room:
        good = room.app.screen.query_one("#good")
        assert shown(room) == ["GPU"]
        assert (good.display, room.text("#good")) == (True, "✓ 6 other checks are good")
        await room.pilot.press("d")
        await room.settle()
        assert len(shown(room)) == 7
        assert not good.display
        await room.pilot.press("d")
        await room.settle()
        assert shown(room) == ["GPU"]


async def test_a_machine_on_which_all_is_good_takes_one_line(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.check_list = [each for each in services.check_list if each.state == "ok"]
    async with open_room(NewExam()) as room:
        assert shown(room) == []
        assert room.text("#good") == "✓ All good: 6 checks"


async def test_checks_come_with_glyph_word_reason_and_fix(open_room: OpenRoom) -> None:
    async with open_room(NewExam()) as room:
        await room.pilot.press("d")
        await room.settle()
        assert checks(room)[1] == "✓ ok TensorFlow 2.21.0"
        gpu = "! note GPU No NVIDIA driver is installed here.\n→ You do not need one"
        assert checks(room)[5].startswith(gpu)


async def test_nothing_can_start_before_the_paper_is_ready(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.hold.clear()
    services.steps_done = 3
    async with open_room(NewExam()) as room:
        assert "3/5" in room.text("#progress")
        assert room.app.screen.query_one("#start").disabled
        assert "Start" not in room.offered()
        await room.pilot.press("s")
        assert services.scene is None
        services.hold.set()
        await room.settle()
        assert "The paper is ready" in room.text("#progress")
        assert "Start" in room.offered()
        assert room.scene.happened() == []


async def test_the_folder_length_and_mode_are_shown(open_room: OpenRoom) -> None:
    async with open_room(NewExam()) as room:
        assert room.text("#order").split("\n") == [
            "Level   classic · as hard as the real exam",
            "Length  300 minutes",
            "Mode    faithful: shows n/5 only, as in the real exam",
            "Folder  /home/ada/tfexam/2027-01-15-0800-k3f9",
        ]


async def test_a_label_stands_beside_its_text_also_below_one_that_breaks(
    open_room: OpenRoom,
) -> None:
    async with open_room(NewExam(), size=(108, 34)) as room:
        assert room.text("#order").split("\n") == [
            "Level   classic · as hard as the real exam",
            "Length  300 minutes",
            "Mode    faithful: shows n/5 only, as in the real",
            "        exam",
            "Folder  /home/ada/tfexam/2027-01-15-0800-k3f9",
        ]
        assert room.app.screen.query_one("#order").size.height == 5


async def test_what_is_found_is_broken_by_the_rules_of_chinese(open_room: OpenRoom) -> None:
    async with open_room(NewExam(), size=(120, 40), lang="zh") as room:
        gpu = list(room.app.screen.query(CheckRow))[5]
        detail = gpu.query_one(WrappedText)
        assert str(detail.render()).split("\n")[1] == "→ 不需要 GPU：每道题用两个"
        assert detail.size.height == len(str(detail.render()).split("\n"))


async def test_submitting_by_hand_is_shown_before_the_clock_starts(open_room: OpenRoom) -> None:
    async with open_room(NewExam(), auto_grade="0") as room:
        assert "by hand: nothing is graded until you press s" in room.text("#order")


async def test_start_runs_the_clock_and_opens_the_exam(open_room: OpenRoom) -> None:
    async with open_room(NewExam()) as room:
        await room.pilot.press("enter")
        await room.settle()
        assert room.scene.happened() == ["Started"]
        assert room.screen_name == "ExamScreen"
        assert len(room.app.screen_stack) == 2


async def test_a_failed_preparation_says_why_and_can_be_tried_again(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.fails = DataError("The data of garments could not be made.", fix="Free some memory.")
    async with open_room(NewExam()) as room:
        assert "The data of garments could not be made." in room.text("#progress")
        assert "Free some memory." in room.text("#progress")
        services.fails = None
        await room.pilot.press("r")
        await room.settle()
        assert "The paper is ready" in room.text("#progress")
        assert len(services.orders) == 2


async def test_a_failed_check_offers_to_look_again(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.check_list = [a_check("TensorFlow", "failed", "It is not installed.", "Install it.")]
    async with open_room(NewExam()) as room:
        assert checks(room) == ["✗ failed TensorFlow It is not installed.\n→ Install it."]
        assert "Try again" in room.offered()


async def test_leaving_stops_the_preparation_and_closes_the_sitting(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.hold.clear()
    async with open_room(NewExam()) as room:
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        services.hold.set()
        await asyncio.sleep(0.05)
        assert services.scene is None


async def test_leaving_a_ready_paper_closes_it(open_room: OpenRoom) -> None:
    async with open_room(NewExam()) as room:
        await room.pilot.press("escape")
        await room.settle()
        assert room.scene.grader.closed
        assert room.scene.happened() == []


async def test_leaving_removes_what_was_prepared_here(open_room: OpenRoom) -> None:
    async with open_room(NewExam()) as room:
        assert room.scene.folder.exists()
        await room.pilot.press("escape")
        await until(room, lambda: not room.scene.folder.exists())


async def test_leaving_keeps_what_an_earlier_set_up_prepared(
    open_room: OpenRoom, services: FakeServices
) -> None:
    scene = services.make()
    async with open_room(Resume(scene.folder)) as room:
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        assert scene.folder.exists()


async def test_quitting_keeps_what_was_prepared(open_room: OpenRoom) -> None:
    async with open_room(NewExam()) as room:
        await room.pilot.press("ctrl+q")
    assert room.scene.folder.exists()


async def test_what_is_ready_only_after_leaving_is_removed(
    open_room: OpenRoom, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.hold.clear()
    async with open_room(NewExam()) as room:
        # As if it came too late to stop the preparation.
        monkeypatch.setattr(room.app.bridge, "stop_set_up", lambda: None)
        await room.pilot.press("escape")
        await room.settle()
        services.hold.set()
        await until(room, lambda: services.scene is not None)
        await until(room, lambda: not room.scene.folder.exists())


async def test_practice_shows_its_own_length_and_coaches(open_room: OpenRoom) -> None:
    async with open_room(NewPractice(("hands",), minutes=45)) as room:
        assert room.scene.record.kind == "practice"
        assert "coach" in room.text("#order")


async def test_a_prepared_sitting_is_set_up_without_preparing_again(
    open_room: OpenRoom, services: FakeServices
) -> None:
    scene = services.make()
    async with open_room(Resume(scene.folder)) as room:
        assert room.screen_name == "SetupScreen"
        assert services.orders == []
        await room.pilot.press("s")
        await room.settle()
        assert room.screen_name == "ExamScreen"


async def test_a_sitting_open_elsewhere_is_told(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.open_fails = SittingLockedError("Process 4711 has it open.", fix="Close it there.")
    async with open_room(Resume(Path("/nowhere"))) as room:
        assert room.screen_name == "HomeScreen"
        assert room.notices() == [
            "This sitting is open elsewhere: Process 4711 has it open.\nClose it there."
        ]


async def test_a_sitting_in_another_window_is_taken_over_when_asked(
    open_room: OpenRoom, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, asked = services.make(), []

    def end(folder: Path) -> None:
        asked.append(folder)
        services.open_fails = None

    monkeypatch.setattr(takeover, "can_take_over", lambda _: services.open_fails is not None)
    monkeypatch.setattr(takeover, "ask_to_end", end)
    services.open_fails = SittingLockedError("Process 4711 has it open.")
    async with open_room(Resume(scene.folder)) as room:
        assert room.screen_name == "ConfirmScreen"
        assert room.notices() == []
        await room.pilot.press("n")
        await room.settle()
        assert (room.screen_name, asked) == ("HomeScreen", [])
        room.app.run_worker(room.app.resume(scene.folder))
        await room.settle()
        await room.pilot.press("y")
        await room.settle()
        assert (room.screen_name, asked) == ("SetupScreen", [scene.folder])


async def test_a_check_that_comes_in_while_the_app_leaves_does_no_harm(
    open_room: OpenRoom,
) -> None:
    async with open_room(NewExam()) as room:
        setup = room.app.screen
        room.app.exit(return_code=0)
        setup.post_message(messages.CheckDone(a_check("GPU", "failed", "No driver.")))
    assert room.app.return_code == 0
