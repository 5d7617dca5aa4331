from engine.sitting import events
from tests.tui.conftest import OpenRoom
from tests.tui.fakes import TITLES, graded


async def test_a_pass_says_so_with_each_task_and_the_total(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        for name, _en, _zh in TITLES:
            room.proctor.take(name, graded(4 if name == "garments" else 5))
        room.proctor.end()
        await room.settle()
        assert room.text("#verdict") == "✓ PASSED"
        assert "97 %" in room.text("#total")
        lines = room.text("#tasks").split("\n")
        assert lines[1].startswith("2  Garment drawings")
        assert "4/5" in lines[1]
        assert lines[1].endswith("1 attempt")
        assert "TFX-7Q2M-0KXD-93PA" in room.text("#facts")


async def test_the_verdict_waits_for_the_last_gradings(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        for name, _en, _zh in TITLES[:4]:
            room.proctor.take(name, graded(5))
        number = room.proctor.take("town-load")
        room.proctor.end()
        await room.settle()
        assert room.text("#verdict") == "▶ 1 grading is still to come …"
        room.proctor.happen(events.GradingStarted(at=room.proctor.now(), number=number))
        room.proctor.happen(events.Graded(at=room.proctor.now(), number=number, grade=graded(5)))
        await room.settle()
        assert room.text("#verdict") == "✓ PASSED"


async def test_below_ninety_is_no_pass(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        room.proctor.take("town-load", graded(5))
        room.proctor.end()
        await room.settle()
        assert room.text("#verdict") == "✗ NOT PASSED"
        assert "30 %" in room.text("#total")


async def test_practice_neither_passes_nor_fails(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        room.proctor.end()
        await room.settle()
        assert room.text("#verdict") == "Session over"
        assert "To pass" not in room.text("#facts")


async def test_going_home_closes_the_sitting(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        room.proctor.end()
        await room.settle()
        await room.pilot.press("enter")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        assert room.proctor.closed


async def test_an_ended_sitting_with_open_gradings_resumes_at_its_result(
    open_exam: OpenRoom,
) -> None:
    async with open_exam() as room:
        room.proctor.take("town-load")
        room.proctor.end()
        await room.settle()
        folder = room.proctor.folder
        await room.pilot.press("enter")
        await room.settle()
        await room.app.resume(folder)
        await room.settle()
        assert room.screen_name == "ResultScreen"
