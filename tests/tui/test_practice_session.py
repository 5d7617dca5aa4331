"""A practice session from its first task to its end; the choice of tasks is tested elsewhere."""

import shutil

from engine.sitting.state.sitting import Phase
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import TITLES, graded
from tui.widgets.exam.next_step_bar import NextStepBar


def offered(room: Room) -> str:
    """What the line below the header offers, if anything."""
    offer = room.app.screen.query_one(NextStepBar)
    return room.text("NextStepBar Static") if offer.display else ""


def may_go_on(room: Room) -> bool:
    """Whether the key for the next task works."""
    return bool(room.app.screen.check_action("next_task", ()))


async def test_a_task_that_is_done_offers_the_next_one(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=3) as room:
        await room.scene.take("flats", graded(4))
        await room.settle()
        assert offered(room) == ""
        assert not may_go_on(room)
        await room.scene.take("flats", graded(5))
        await room.settle()
        assert offered(room) == "✓ At 5/5. Next: Garment drawings"
        assert may_go_on(room)
        await room.pilot.click("NextStepBar Button")
        await room.settle()
        assert room.app.screen.query_one("#categories").selected == 1  # type: ignore[attr-defined]
        assert offered(room) == ""


async def test_tasks_that_are_done_are_passed_over_and_the_first_comes_after_the_last(
    open_exam: OpenRoom,
) -> None:
    async with open_exam(kind="practice", mode="coach", count=3) as room:
        await room.scene.take("hands", graded(5))
        await room.scene.take("garments", graded(5))
        await room.pilot.press("2")
        await room.settle()
        assert offered(room) == "✓ At 5/5. Next: Power plant output"
        await room.pilot.press("n")
        await room.settle()
        assert room.app.screen.query_one("#categories").selected == 0  # type: ignore[attr-defined]


async def test_the_last_task_done_offers_the_end(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await room.scene.take("garments", graded(5))
        await room.scene.take("flats", graded(5))
        await room.settle()
        assert offered(room) == "✓ All at 5/5. You can end early."
        assert not may_go_on(room)
        await room.pilot.click("NextStepBar Button")
        await room.settle()
        assert room.screen_name == "EndScreen"
        await room.pilot.press("y")
        await room.settle()
        assert room.text("#verdict") == "✓ Session over"


async def test_an_exam_offers_its_end_and_no_next_task(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.take("flats", graded(5))
        await room.settle()
        assert offered(room) == ""
        for name, _en, _zh in TITLES[1:]:
            await room.scene.take(name, graded(5))
        await room.settle()
        assert offered(room) == "✓ All at 5/5. You can end early."
        assert not may_go_on(room)


async def test_a_pause_stops_the_clock_and_no_time_is_spent(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2, minutes=45) as room:
        await room.scene.tick(60)
        await room.pilot.press("p")
        await room.scene.tick(600)
        await room.settle()
        assert room.scene.proctor.time_left() == 44 * 60
        assert room.text("ExamClock .words") == "paused"
        await room.pilot.press("p")
        await room.scene.tick(60)
        await room.settle()
        assert room.scene.proctor.time_left() == 43 * 60
        assert room.scene.sitting.spent_on("flats", room.clock.now()) == 120


async def test_a_paused_session_comes_back_paused(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        await room.pilot.press("p")
        await room.settle()
        await room.app.resume(room.scene.folder)
        await room.settle()
        assert room.text("ExamClock .words") == "paused"


async def test_a_session_ends_when_its_own_length_is_over(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1, minutes=45) as room:
        await room.scene.tick(45 * 60)
        await room.scene.phase(Phase.ENDED)
        await room.settle()
        assert room.screen_name == "ResultScreen"
        assert "0:45:00 of 0:45:00 used · time ran out" in room.text("#facts")


async def test_resetting_says_what_is_kept_only_where_something_is(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        starter = room.scene.workspace("flats") / "starter.py"
        for code, keeps in (("# TODO\n", False), ("mine\n", True)):
            starter.write_text(code)
            await room.pilot.press("a")
            await room.settle()
            said = str(room.app.screen.query(".card Static").first().render())
            assert ("Yours is kept as starter.1.py." in said) is keeps
            await room.pilot.press("escape")
            await room.settle()


async def test_resetting_a_task_whose_folder_is_gone_brings_its_data_back(
    open_exam: OpenRoom,
) -> None:
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        folder = room.scene.workspace("flats")
        shutil.rmtree(folder)
        await room.pilot.press("a")
        await room.settle()
        await room.pilot.press("tab", "enter")
        await until(room, lambda: (folder / "data" / "train.npz").exists())
        await room.settle()
        assert sorted(each.name for each in folder.iterdir()) == ["brief.md", "data", "starter.py"]
        assert any("Category1/data is there again" in each for each in room.notices())
