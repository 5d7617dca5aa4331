from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.coaching.past_tasks import PastTask
from engine.errors import JournalError
from engine.sitting.state.sitting import Phase
from engine.sitting.store.history import Summary
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices, graded, summary
from tui.screens import history
from tui.start import NewPractice

LONG_AGO = datetime(2026, 12, 1, tzinfo=UTC)


def choices(room: Room) -> list[str]:
    listed = room.app.screen.query_one(OptionList)
    return [str(option.prompt).split("\n")[0] for option in listed.options]


async def test_home_offers_what_one_can_begin(open_room: OpenRoom) -> None:
    async with open_room() as room:
        assert choices(room) == [
            *("Start an exam", "Practice", "History"),
            *("Skills", "Data", "Settings", "Quit"),
        ]
        assert "Resume" not in room.offered()


async def test_an_open_sitting_comes_first(open_room: OpenRoom, services: FakeServices) -> None:
    services.summaries = [summary(services.clock, phase=Phase.RUNNING, time_left=3661.0)]
    services.begin()
    async with open_room() as room:
        assert choices(room)[0] == "Resume the exam · classic"
        first = room.app.screen.query_one(OptionList).options[0]
        assert str(first.prompt).endswith("1:01:01 left, and the clock is running")
        await room.pilot.press("enter")
        await room.settle()
        assert room.screen_name == "ExamScreen"


async def test_keys_and_mouse_open_the_screens(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await room.pilot.press("n")
        await room.settle()
        assert room.screen_name == "SetupScreen"
        await room.pilot.press("escape")
        await room.settle()
        await room.pilot.click("#menu", offset=(6, 4))
        await room.settle()
        assert room.screen_name == "PracticeScreen"


async def test_quit_leaves_at_once_where_no_clock_runs(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await room.pilot.press("up", "enter")
        await room.settle()
        assert room.app._exit


async def test_practice_prepares_the_chosen_tasks(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room() as room:
        await room.pilot.press("p")
        await room.settle()
        await room.pilot.press("s")
        assert services.orders == []
        await room.pilot.press("space", "down", "space", "down", "enter", "up", "up", "space")
        await room.settle()
        marks = [line[0] for line in choices(room)]
        assert marks == ["□", "■", "■", "□", "□"]
        await room.pilot.press("s")
        await room.settle()
        assert services.orders == [
            NewPractice(("garments", "hands"), 60.0, mode="coach", level="classic")
        ]
        assert room.screen_name == "SetupScreen"
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "PracticeScreen"


async def test_practice_says_in_chinese_without_a_gap_what_has_to_be_fetched(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.absent_tasks = frozenset({"garments"})
    async with open_room(lang="zh") as room:
        await room.pilot.press("p")
        await room.settle()
        assert any(line.endswith("服装图样（需下载）") for line in choices(room))


async def test_practice_says_what_has_to_be_fetched_and_does_not_choose_it(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.absent_tasks = frozenset({"garments"})
    async with open_room() as room:
        await room.pilot.press("p")
        await room.settle()
        await room.pilot.press("down", "space")
        await room.settle()
        absent = [line for line in choices(room) if "(not fetched)" in line]
        assert [line.split()[0] for line in absent] == ["×"]
        assert "■" not in "".join(choices(room))
        said = [note.message for note in room.app._notifications]
        assert len(said) == 1
        assert said[0].endswith("F3 shows how to get synthetic.")
        await room.pilot.press("s")
        assert services.orders == []


async def test_history_lists_every_sitting_the_damaged_too(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [
        summary(services.clock, id="1", phase=Phase.RUNNING, time_left=60.0),
        summary(services.clock, id="2"),
        summary(services.clock, id="3", passed=False),
        summary(services.clock, id="4", phase="damaged", fault="journal.jsonl, line 7"),
    ]
    async with open_room() as room:
        await room.pilot.press("h")
        await room.settle()
        states = ["▶ 0:01:00 left", "✓ passed", "✗ not passed", "! damaged"]
        for line, state in zip(choices(room), states, strict=True):
            assert state in line
        await room.pilot.press("end", "enter")
        await room.settle()
        assert room.notices()[0].endswith("journal.jsonl, line 7")


async def test_history_says_that_grading_goes_on_and_no_verdict_yet(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [summary(services.clock, passed=False, percent=0.0, unfinished=2)]
    async with open_room() as room:
        await room.pilot.press("h")
        await room.settle()
        (line,) = choices(room)
        assert "▶ being graded" in line
        assert "not passed" not in line


async def test_a_grading_that_ends_meanwhile_is_seen_in_history_and_the_highlight_stays(
    open_exam: OpenRoom, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_LOOK_SECONDS", 0.05)
    other = summary(services.clock, id="1")
    services.summaries = [summary(services.clock, id="2", unfinished=1, passed=False), other]
    async with open_exam() as room:
        await room.scene.take("town-load")
        await room.scene.end()
        await room.settle()
        await room.pilot.press("enter")
        await room.settle()
        await room.pilot.press("h", "end")
        await room.settle()
        assert "▶ being graded" in choices(room)[0]
        services.summaries = [
            summary(services.clock, id="3"),
            summary(services.clock, id="2"),
            other,
        ]
        await room.scene.answer(graded(5))
        await until(room, lambda: "▶ being graded" not in choices(room)[0])
        await room.settle()
        assert room.app.screen.query_one("#sittings", OptionList).highlighted == 2


async def test_history_opens_a_result_and_comes_back(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [summary(services.clock)]
    async with open_room() as room:
        await room.pilot.press("h")
        await room.settle()
        await room.pilot.press("o")
        await room.settle()
        assert room.text("#verdict") == "✓ PASSED"
        assert "3  Hand shapes" in room.text("#tasks")
        assert "4:00:00 of 5:00:00 used" in room.text("#facts")
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HistoryScreen"


async def test_an_empty_history_says_so(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await room.pilot.press("h")
        await room.settle()
        assert choices(room) == ["No sittings yet."]


async def test_a_fault_of_history_is_told_on_home(
    open_room: OpenRoom, services: FakeServices
) -> None:
    def fails() -> None:
        raise JournalError("The folder cannot be read.", fix="Mend its permissions.")

    services.sittings = fails  # type: ignore[method-assign,assignment]
    async with open_room() as room:
        assert choices(room)[0] == "Start an exam"
        assert "The folder cannot be read." in room.notices()[0]


async def test_a_sitting_on_which_the_grader_failed_is_opened_to_be_graded_again(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [summary(services.clock, folder="/sittings/f", failed=1)]
    opened: list[str] = []

    def opens(folder: object) -> None:
        opened.append(str(folder))
        raise JournalError("Enough for this test.")

    services.open = opens  # type: ignore[method-assign,assignment]
    async with open_room() as room:
        await room.pilot.press("h")
        await room.settle()
        await room.pilot.press("o")
        await room.settle()
    assert opened == ["/sittings/f"]


async def test_something_new_beside_a_running_clock_is_asked_about(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [summary(services.clock, phase=Phase.RUNNING, time_left=3661.0)]
    async with open_room() as room:
        for key, screen in (("n", "SetupScreen"), ("p", "PracticeScreen")):
            await room.pilot.press(key)
            await room.settle()
            assert room.screen_name == "ConfirmScreen"
            await room.pilot.press("escape")
            await room.settle()
            assert room.screen_name == "HomeScreen"
            await room.pilot.press(key, "y")
            await room.settle()
            assert room.screen_name == screen
            await room.pilot.press("escape")
            await room.settle()


def failed_today(services: FakeServices) -> list[Summary]:
    return [summary(services.clock, created=services.clock.now(), passed=False, percent=61.0)]


async def test_the_retake_wait_is_shown_with_its_date_and_asked_about_once(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = failed_today(services)
    async with open_room() as room:
        listed = room.app.screen.query_one(OptionList)
        until = (services.clock.now().local().date() + timedelta(days=14)).isoformat()
        assert f"! the real exam's retake wait: until {until}" in str(listed.options[0].prompt)
        await room.pilot.press("n")
        await room.settle()
        assert "makes you wait 14 days" in room.text("ConfirmScreen Static")
        assert until in room.text("ConfirmScreen Static")
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        await room.pilot.press("n", "y")
        await room.settle()
        assert room.screen_name == "SetupScreen"
        await room.pilot.press("escape")
        await room.settle()
        await room.pilot.press("n")
        await room.settle()
        assert room.screen_name == "SetupScreen"


async def test_nobody_waits_before_practice(open_room: OpenRoom, services: FakeServices) -> None:
    services.summaries = failed_today(services)
    async with open_room() as room:
        await room.pilot.press("p")
        await room.settle()
        assert room.screen_name == "PracticeScreen"


async def test_a_running_clock_and_a_wait_are_asked_about_one_after_the_other(
    open_room: OpenRoom, services: FakeServices
) -> None:
    running = summary(services.clock, id="2", phase=Phase.RUNNING, time_left=3661.0)
    services.summaries = [running, *failed_today(services)]
    async with open_room() as room:
        await room.pilot.press("n")
        await room.settle()
        assert "still open" in room.text("ConfirmScreen Static")
        await room.pilot.press("y")
        await room.settle()
        assert "makes you wait 14 days" in room.text("ConfirmScreen Static")
        await room.pilot.press("y")
        await room.settle()
        assert room.screen_name == "SetupScreen"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_home_is_filled_once_for_its_first_paint(
    open_room: OpenRoom, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    filled: list[OptionList] = []
    fill = OptionList.set_options

    def noted(menu: OptionList, options: Iterable[Option]) -> OptionList:
        filled.append(menu)
        return fill(menu, options)

    monkeypatch.setattr(OptionList, "set_options", noted)
    async with open_room(size=size):
        assert len(filled) == 1


async def test_no_line_of_the_menu_ends_with_an_empty_one(open_room: OpenRoom) -> None:
    async with open_room(size=(120, 40)) as room:
        for each in room.app.screen.query_one(OptionList).options:
            assert len(str(each.prompt).split("\n")) == 2


async def test_with_room_home_tells_below_the_menu_what_was_last_and_what_is_next(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [summary(services.clock)]
    services.past_tasks = (PastTask(task="flats", sitting="1", when=LONG_AGO, score=3),)
    async with open_room(size=(120, 40)) as room:
        await until(room, lambda: "next:" in room.text("#standing"))
        last, following = room.text("#standing").split("\n")
        assert last == "last: Exam ✓ passed, 94 %"
        assert following.startswith("next: ")
        assert not any("last:" in line or "next:" in line for line in choices(room))
        await room.pilot.resize_terminal(80, 24)
        await room.settle()
        assert not room.app.screen.query_one("#standing").display
        lines = [str(each.prompt) for each in room.app.screen.query_one(OptionList).options]
        assert any("last: Exam ✓ passed, 94 %" in line for line in lines)


async def test_nothing_is_said_below_the_menu_before_the_first_sitting(
    open_room: OpenRoom,
) -> None:
    async with open_room(size=(120, 40)) as room:
        assert not room.app.screen.query_one("#standing").display


async def test_home_tells_the_last_result_and_history_how_exams_went(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [
        summary(services.clock, id=f"{percent}", percent=percent, passed=percent >= 90)
        for percent in (94.0, 38.0)
    ]
    async with open_room() as room:
        lines = [str(each.prompt) for each in room.app.screen.query_one(OptionList).options]
        assert any("last: Exam ✓ passed, 94 %" in line for line in lines)
        await room.pilot.press("h")
        await room.settle()
        panel = room.app.screen.query_one("#list")
        assert str(panel.border_subtitle) == "exams: ▄█ from 38 % to 94 %"


async def test_history_uses_the_words_of_the_listing(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [
        summary(services.clock, id="1", phase=Phase.RUNNING, time_left=0.0),
        summary(services.clock, id="2", kind="practice"),
        summary(services.clock, id="3", phase="damaged", fault="damaged", has_record=False),
        summary(services.clock, id="4", phase="damaged", fault="damaged", kind="practice"),
    ]
    async with open_room(size=(120, 40)) as room:
        await room.pilot.press("h")
        await room.settle()
        found = [" ".join(each.split()[2:5]) for each in choices(room)]
        assert [each for each in found if "0:00:00" in each] == []
        assert found == [
            "Exam ▶ time",
            "Practice ● over",
            "unknown ! damaged",
            "Practice ! damaged",
        ]
