import gc
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.command import CommandList, CommandPalette
from textual.css.stylesheet import Stylesheet

from engine.clock import ManualClock
from engine.sitting import notices
from engine.sitting.proctor import Proctor
from engine.sitting.state.sitting import Phase
from exam_bank.preparation import Step
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices, summary
from tui import terminal, themes
from tui.screens.help import HelpScreen
from tui.start import NewExam, NewPractice
from tui.widgets.shared.too_small import TooSmall


async def test_quit_asks_while_a_clock_runs_and_the_sitting_goes_on(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("ctrl+q")
        await room.settle()
        assert "The exam and its clock keep running" in room.text("ConfirmScreen Static")
        await room.pilot.press("ctrl+q", "escape")
        await room.settle()
        assert room.screen_name == "ExamScreen"
        await room.pilot.press("ctrl+q", "y")
        await room.settle()
        assert room.app._exit
    assert room.scene.grader.closed
    assert room.scene.sitting.phase is Phase.RUNNING


async def test_quit_does_not_ask_while_the_clock_stands(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        await room.pilot.press("p", "ctrl+q")
        await room.settle()
        assert room.app._exit


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_leaves_in_order(open_exam: OpenRoom, number: signal.Signals) -> None:
    async with open_exam() as room:
        os.kill(os.getpid(), number)
        await room.settle()
        assert room.app._exit
    assert room.scene.grader.closed


async def test_the_sitting_closes_while_textual_gives_the_terminal_back(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []
    async with open_exam() as room:
        monkeypatch.setattr(room.app, "_close_all", noting(closed, room, room.app._close_all))
        await room.pilot.press("ctrl+q", "y")
        await room.settle()
    assert closed == [True]


def noting(
    closed: list[bool], room: Room, close_all: Callable[[], Awaitable[None]]
) -> Callable[[], Awaitable[None]]:
    async def noted() -> None:
        closed.append(room.scene.grader.closed)
        await close_all()

    return noted


async def test_style_sheets_are_read_anew_once_at_most_on_the_way_to_the_first_paint(
    open_room: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Stylesheet] = []
    reparse = Stylesheet.reparse

    def noted(sheet: Stylesheet) -> None:
        read.append(sheet)
        reparse(sheet)

    monkeypatch.setattr(Stylesheet, "reparse", noted)
    async with open_room():
        assert len(read) <= 1


async def test_garbage_is_looked_for_again_after_the_first_paint(open_room: OpenRoom) -> None:
    gc.disable()
    try:
        async with open_room():
            assert gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("size", "shown"), [((59, 24), True), ((80, 14), True), ((60, 15), False), ((80, 24), False)]
)
async def test_in_too_small_a_window_it_says_so(
    open_room: OpenRoom, size: tuple[int, int], shown: bool
) -> None:
    async with open_room(size=size) as room:
        layer = room.app.screen.query_one(TooSmall)
        assert layer.display is shown
        assert f"{size[0]}×{size[1]}" in str(layer.render())


async def test_help_explains_the_screen_one_is_in(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("f1")
        await room.settle()
        assert isinstance(room.app.screen, HelpScreen)
        assert "Save your trained model there as mymodel.h5" in room.text("#text Static")
        keys = room.text("#keys")
        assert "1–5  Show a category" in keys
        assert "s    Grade mymodel.h5" in keys
        await room.pilot.press("escape", "question_mark")
        await room.settle()
        assert isinstance(room.app.screen, HelpScreen)


async def test_the_palette_offers_what_works_now(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        offered = [each.title for each in room.app.get_system_commands(room.app.screen)]
        # Each with its key, if it has one.
        assert {"Submit · s", "End · e", "Help · F1", "Light theme"} <= set(offered)
        assert {"Category 5 · 5", "Category · 1–5"} <= set(offered)
        names = {each.split(" · ")[0] for each in offered}
        assert not {"Cancel", "Pause", "Clear", "Palette", "Resume"} & names
        await room.pilot.press("ctrl+p")
        await room.settle()
        assert isinstance(room.app.screen, CommandPalette)


async def test_a_palette_command_does_what_its_key_does(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        commands = {each.title: each for each in room.app.get_system_commands(room.app.screen)}
        for name in ("Category 3 · 3", "Submit · s"):
            await commands[name].callback()
        await room.settle()
        await room.scene.hears(notices.Note)
        assert room.app.screen.query_one("#categories").selected == 2  # type: ignore[attr-defined]
        assert room.notices()[0].endswith("Category3.")


async def test_the_footer_has_five_to_seven_entries(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        assert room.offered() == ["Category", "Submit", "Edit", "Later", "End", "Help", "Quit"]
        await room.scene.take("hands")
        await room.scene.grading()
        await room.settle()
        assert room.offered()[7:] == ["Cancel"]  # only what comes by itself makes it more


async def test_the_screens_speak_chinese(open_exam: OpenRoom) -> None:
    async with open_exam(flags={"lang": "zh"}) as room:
        assert room.offered() == ["类别", "提交", "编辑", "待回看", "交卷", "帮助", "退出"]


@pytest.mark.parametrize("theme", [each.name for each in themes.OURS])
async def test_our_themes_can_be_chosen(open_room: OpenRoom, theme: str) -> None:
    async with open_room(theme=theme) as room:
        assert room.app.theme == theme
        await room.app.run_action("use_theme('tfexam-light')")
        assert room.app.theme == "tfexam-light"


async def test_an_unknown_theme_falls_back_to_ours(open_room: OpenRoom) -> None:
    async with open_room(theme="none-such") as room:
        assert room.app.theme == themes.DARK.name


async def test_a_fault_nobody_foresaw_is_told_and_the_app_goes_on(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async def breaks(order: NewExam | NewPractice, on_step: Callable[[Step], None]) -> Path:
        raise ZeroDivisionError("division by zero")

    services.lay_out = breaks  # type: ignore[method-assign]
    async with open_room(NewExam()) as room:
        assert "ZeroDivisionError: division by zero" in room.text("#progress")
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"


async def test_a_proctor_that_stops_is_told_and_the_exam_stays(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_: Proctor) -> None:
        raise RuntimeError("the queue is gone")

    async with open_exam() as room:
        await room.app.bridge.leave()
        monkeypatch.setattr(Proctor, "run", breaks)
        await room.app.bridge.open(room.scene.folder)
        await room.settle()
        assert room.screen_name == "ExamScreen"
        assert "RuntimeError: the queue is gone" in room.text("TroubleBanner")


def test_leaving_says_how_to_come_back() -> None:
    clock = ManualClock()
    running = terminal.farewell([summary(clock, phase=Phase.RUNNING, time_left=3600.0)], None)
    assert running.startswith("Your exam is open with 1:00:00 left")
    assert "Folder: /home/ada/tfexam/" in running
    assert running.endswith("Come back with: tfexam\n")
    paused = summary(clock, phase=Phase.PAUSED, kind="practice", time_left=60.0)
    assert "paused with 0:01:00 left" in terminal.farewell([paused], None)


@pytest.mark.parametrize(("phase", "left"), [(Phase.ENDED, 60.0), (Phase.RUNNING, 0.0)])
def test_a_sitting_that_is_over_needs_no_farewell(phase: Phase, left: float) -> None:
    assert terminal.farewell([summary(ManualClock(), phase=phase, time_left=left)], None) == ""
    assert terminal.farewell([], None) == ""


@pytest.mark.parametrize(
    ("last", "left", "says"),
    [
        ("/newer", 9.0, "Your exam is open with 0:00:09 left"),
        ("/older", 9.0, "Your practice session is open with 1:00:00 left"),
        ("/newer", 0.0, "Another practice session is open with 1:00:00 left"),
    ],
)
def test_the_farewell_is_that_of_the_sitting_that_was_on_screen(
    last: str, left: float, says: str
) -> None:
    clock = ManualClock()
    newer = summary(clock, phase=Phase.RUNNING, time_left=left, folder="/newer")
    older = summary(clock, phase=Phase.RUNNING, kind="practice", time_left=3600.0, folder="/older")
    told = terminal.farewell([newer, older], Path(last))
    assert told.startswith(says)
    resumed = says.startswith("Your exam")  # `tfexam` opens the newest
    assert told.endswith("tfexam\n" if resumed else "tfexam, then History\n")


async def test_the_sitting_that_was_opened_last_is_known_when_leaving(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        await room.scene.end()
        await room.settle()
        await room.pilot.press("enter")
        await room.settle()
        assert room.app.bridge.last == room.scene.folder


@pytest.mark.parametrize(("size", "shown"), [((79, 24), True), ((80, 23), True), ((80, 24), False)])
async def test_what_only_surrounds_an_exam_asks_for_80_by_24(
    open_room: OpenRoom, size: tuple[int, int], shown: bool
) -> None:
    async with open_room(size=size) as room:
        await room.pilot.press("s")
        await room.settle()
        layer = room.app.screen.query_one(TooSmall)
        assert layer.display is shown
        assert "this needs 80×24" in str(layer.render())


async def test_in_too_small_a_window_a_clock_runs_only_after_the_start(open_room: OpenRoom) -> None:
    async with open_room(NewExam(), size=(50, 10)) as room:
        assert "keep running" not in str(room.app.screen.query_one(TooSmall).render())
        await room.pilot.press("s")
        await room.settle()
        assert "keep running" in str(room.app.screen.query_one(TooSmall).render())


async def test_the_palette_says_in_chinese_that_nothing_was_found(open_room: OpenRoom) -> None:
    async with open_room(lang="zh") as room:
        await room.pilot.press("ctrl+p", *"qqqq")
        found = room.app.screen.query_one(CommandList)
        await until(room, lambda: found.option_count == 1 and found.options[0].disabled)
        assert str(found.options[0].prompt) == "没有找到匹配的命令"
