from types import SimpleNamespace
from typing import cast

import pytest
from rich.cells import cell_len

from engine.errors import JournalError
from engine.sitting.state.sitting import Phase
from tests.engine.sittings import model
from tests.tui.conftest import OpenRoom, until
from tests.tui.fakes import TITLES, FakeServices, graded, summary
from tui.screens.exam import ExamScreen
from tui.screens.result import ResultScreen
from tui.screens.result_text import task_lines
from tui.start import Resume
from tui.text.outcome import Outcome


async def test_a_pass_says_so_with_each_task_and_the_total(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        for name, _en, _zh in TITLES:
            await room.scene.take(name, graded(4 if name == "garments" else 5))
        await room.scene.end()
        await room.settle()
        assert room.text("#verdict") == "✓ PASSED"
        assert "97 %" in room.text("#total")
        lines = room.text("#tasks").split("\n")
        assert lines[1].startswith("2  Garment drawings")
        assert "4/5" in lines[1]
        assert lines[1].endswith("12 of 15 %")
        assert "TFX-7Q2M-0KXD-93YA" in room.text("#facts")


async def test_the_verdict_waits_for_the_last_gradings(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        for name, _en, _zh in TITLES[:4]:
            await room.scene.take(name, graded(5))
        await room.scene.take("town-load")
        await room.scene.end()
        await room.settle()
        assert room.text("#verdict") == "▶ 1 grading is still to come …"
        await room.scene.answer(graded(5))
        await room.settle()
        assert room.text("#verdict") == "✓ PASSED"


async def test_below_ninety_is_no_pass(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.take("town-load", graded(5))
        await room.scene.end()
        await room.settle()
        assert room.text("#verdict") == "✗ NOT PASSED"
        assert "30 %" in room.text("#total")


async def test_practice_neither_passes_nor_fails(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        await room.scene.end()
        await room.settle()
        assert room.text("#verdict") == "● Session over"
        assert "To pass" not in room.text("#facts")


async def test_a_model_that_was_not_taken_is_named_below_the_scores(
    services: FakeServices, open_room: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.clock.move(wall=-services.clock.now().wall + 1e9)  # before the file's own time
    scene, shown = services.begin(kind="practice", mode="coach", count=1), ExamScreen.on_mount

    async def ended_before(screen: ExamScreen) -> None:
        await scene.phase(Phase.ENDED)  # while the screen is being built
        shown(screen)

    monkeypatch.setattr(ExamScreen, "on_mount", ended_before)
    services.clock.advance(400 * 60)
    scene.save("flats", model("late"))
    async with open_room(Resume(scene.folder)) as room:
        assert room.screen_name == "ResultScreen"
        told = room.text("#not-taken")
        assert told.startswith("! ")
        assert told.endswith("Category1/mymodel.h5 was not complete in time; it does not count.")


async def test_a_grade_that_comes_before_the_result_is_drawn_is_in_it(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = ResultScreen.on_mount
    async with open_exam(kind="practice", mode="coach", count=1) as room:

        async def graded_before(screen: ResultScreen) -> None:
            await room.scene.answer(graded(5))
            shown(screen)

        monkeypatch.setattr(ResultScreen, "on_mount", graded_before)
        await room.scene.take("flats")
        await room.scene.end()
        await until(room, lambda: room.screen_name == "ResultScreen")
        await room.settle()
        assert room.text("#verdict") == "✓ Session over"
        assert not room.app.screen.query_one("#not-taken").display


async def test_going_home_closes_the_sitting(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.end()
        await room.settle()
        await room.pilot.press("enter")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        await until(room, lambda: room.scene.grader.closed)


async def test_an_ended_sitting_with_open_gradings_resumes_at_its_result(
    open_exam: OpenRoom,
) -> None:
    async with open_exam() as room:
        await room.scene.take("town-load")
        await room.scene.end()
        await room.settle()
        folder, grader = room.scene.folder, room.scene.grader
        await room.pilot.press("enter")
        await room.settle()
        await room.app.resume(folder)
        await room.settle()
        assert room.screen_name == "ResultScreen"
        assert room.scene.grader is grader  # the grading goes on, it does not begin again


async def test_the_last_gradings_go_on_while_one_is_elsewhere(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.take("town-load")
        await room.scene.end()
        await room.settle()
        await room.pilot.press("enter")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        await room.scene.answer(graded(5))
        await until(room, lambda: room.app.bridge.proctor is None)
        assert room.scene.sitting.best("town-load") == 5
        assert (room.scene.folder / "result.toml").exists()


def ledger(text: str) -> list[str]:
    """The ledger's lines without bars, with single spaces."""
    return [" ".join(line.replace("━", "").replace("╌", "").split()) for line in text.split("\n")]


async def test_the_ledger_says_where_the_time_went(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        scene = room.scene
        scene.clock.advance(900)  # flats: the exam opens with the first task
        await scene.take("flats", graded(3))
        scene.clock.advance(900)
        await scene.take("flats", graded(5))
        await scene.take("flats", graded(5))
        await scene.turn_to("hands")
        scene.clock.advance(5400)
        await scene.end()
        await room.settle()
        assert ledger(room.text("#ledger")) == [
            "Time ledger spent best at attempts",
            "1 Power plant output 0:30:00 25 % 0:30:00 3",
            "2 Garment drawings 0:00:00 0 % – 0",
            "3 Hand shapes 1:30:00 75 % – 0",
            "4 Shop reviews 0:00:00 0 % – 0",
            "5 Town load 0:00:00 0 % – 0",
        ]


async def test_the_shares_of_the_ledger_add_up_to_100(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        scene = room.scene
        for task, seconds in (("flats", 600), ("garments", 600), ("hands", 2400)):
            await scene.turn_to(task)
            scene.clock.advance(seconds)
        await scene.end()
        await room.settle()
        shares = [line.split(" %")[0].split()[-1] for line in ledger(room.text("#ledger"))[1:]]
        assert shares == ["17", "17", "66", "0", "0"]


async def test_time_on_no_task_has_a_line_of_its_own(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.begin()
    services.clock.advance(60)
    async with open_room() as room:
        await room.app.resume(room.scene.folder)
        await room.settle()
        await room.scene.end()
        await room.settle()
        assert ledger(room.text("#ledger"))[-1] == "no category 0:01:00 100 %"


async def test_practice_has_its_ledger_too(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        room.clock.advance(60)
        await room.scene.take("flats", graded(5))
        await room.scene.end()
        await room.settle()
        assert room.text("#verdict") == "● Session over"
        assert "40 %" in room.text("#ring")
        assert ledger(room.text("#ledger"))[1] == "1 Power plant output 0:01:00 100 % 0:01:00 1"


async def test_a_result_of_the_past_that_cannot_be_read_says_so(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [summary(services.clock)]
    services.past_fails = JournalError("Line 3 is damaged.")
    async with open_room() as room:
        await room.pilot.press("h")
        await room.settle()
        await room.pilot.press("o")
        await room.settle()
        assert room.screen_name == "HistoryScreen"
        assert "Line 3 is damaged." in room.notices()[0]


async def test_a_score_has_a_glyph_a_figure_and_a_bar_right_beside_its_name(
    open_room: OpenRoom, services: FakeServices
) -> None:
    scores = {"flats": 5, "garments": 2, "hands": 0}
    services.summaries = [summary(services.clock, scores=scores)]
    async with open_room(size=(120, 40)) as room:
        await room.pilot.press("h", "o")
        await room.settle()
        lines = room.text("#tasks").split("\n")[:3]
        starts = {min(line.index(mark) for mark in "━╌" if mark in line) for line in lines}
        longest = max(len(line.split("  ")[0] + "  " + line.split("  ")[1]) for line in lines)
        assert len(starts) == 1
        assert starts.pop() - longest <= 4
        assert ["✓ 5/5" in lines[0], "● 2/5" in lines[1], "○ 0/5" in lines[2]] == [True] * 3


def test_the_longest_share_stands_apart_from_its_score() -> None:
    report = SimpleNamespace(category=1, score=5)
    task = SimpleNamespace(report=report, title="Flats", counts=11.11, share=11.11)
    outcome = cast(Outcome, SimpleNamespace(tasks=[task]))
    (line,) = task_lines(outcome, 60)
    assert line.plain.endswith("✓ 5/5  11.1 of 11.1 %")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_all_lines_of_tasks_and_ledger_end_in_one_column(
    open_exam: OpenRoom, size: tuple[int, int], lang: str
) -> None:
    async with open_exam(size=size, flags={"lang": lang}) as room:
        room.clock.advance(600)
        await room.scene.take("town-load", graded(3))
        await room.scene.end()
        await room.settle()
        width = room.app.screen.query_one("#tasks").content_size.width
        for part in ("#tasks", "#total", "#ledger"):
            assert {cell_len(line) for line in room.text(part).split("\n")} == {width}


async def test_the_whole_result_can_be_scrolled_to(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.end()
        await room.settle()
        await room.pilot.press("end")
        await room.settle()
        card = room.app.screen.query_one("#card")
        assert card.scroll_offset.y == card.max_scroll_y
        assert card.region.contains_region(room.app.screen.query_one("#ledger").region)
