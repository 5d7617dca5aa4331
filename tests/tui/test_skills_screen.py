"""The skills screen, and what home and result say about the next task."""

from datetime import timedelta

from textual.widgets import OptionList

from engine.coaching.past_tasks import PastTask
from engine.sitting.state.sitting import Phase
from exam_bank.catalog import Catalog
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices, graded, summary
from tui.start import NewPractice


def use_the_bank(services: FakeServices) -> None:
    """Use the built-in tasks: those of the fakes all test one skill."""
    services.task_map = {each.id: each for each in Catalog.find().tasks}


def practised(services: FakeServices, *done: tuple[str, int, int, int]) -> None:
    now = services.clock.now().utc()
    services.past_tasks = tuple(
        PastTask(task=t, sitting=f"{d}", when=now - timedelta(days=d), score=s, hints=h)
        for t, d, s, h in done
    )


def listed(room: Room) -> list[str]:
    menu = room.app.screen.query_one("#skills", OptionList)
    return [str(menu.get_option_at_index(n).prompt) for n in range(menu.option_count)]


async def test_all_skills_are_listed_the_weakest_first(
    services: FakeServices, open_room: OpenRoom
) -> None:
    use_the_bank(services)
    practised(services, ("reviews", 6, 2, 3), ("flats", 1, 5, 0))
    async with open_room(size=(120, 40)) as room:
        await room.pilot.press("k")
        await until(room, lambda: len(listed(room)) == 52)
        lines = listed(room)
        assert lines[0].startswith("○ ")
        assert any(line.startswith("! Use word embeddings") for line in lines)
        assert lines[-1].startswith("– ")
        place = next(n for n, line in enumerate(lines) if "word embeddings" in line)
        await room.pilot.press(*("down",) * place)
        await room.settle()
        text = room.text("#details")
        assert "2/5" in text
        assert "6 days ago" in text
        assert "3 hints" in text
        assert "2/5  4  Reviews" in text
        assert "of 44 practised" in str(room.app.screen.query_one("#list").border_subtitle)


async def test_a_skill_that_no_model_shows_says_why_and_cannot_be_practised(
    services: FakeServices, open_room: OpenRoom
) -> None:
    use_the_bank(services)
    async with open_room() as room:
        await room.pilot.press("k")
        await until(room, lambda: len(listed(room)) == 52)
        assert "Practise" in room.offered()
        await room.pilot.press("end")
        await room.settle()
        assert "no category of the exam marks written text" in room.text("#details")
        assert "Practise" not in room.offered()
        await room.pilot.press("enter")
        await room.settle()
        assert room.screen_name == "SkillsScreen"


async def test_enter_practises_the_tasks_whose_data_are_here(
    services: FakeServices, open_room: OpenRoom
) -> None:
    use_the_bank(services)
    services.absent_tasks = frozenset({"beans"})
    async with open_room() as room:
        await room.pilot.press("k")
        await until(room, lambda: len(listed(room)) == 52)
        place = next(n for n, line in enumerate(listed(room)) if "Build on a model" in line)
        await room.pilot.press(*("down",) * place, "enter")
        await until(room, lambda: bool(services.orders))
        (order,) = services.orders
        assert isinstance(order, NewPractice)
        assert order.tasks == ("cats-and-dogs",)


def practice_line(room: Room) -> str:
    menu = room.app.screen.query_one("#menu", OptionList)
    return str(menu.get_option("practice").prompt).split("\n")[1]


async def test_home_names_the_next_task(services: FakeServices, open_room: OpenRoom) -> None:
    practised(services, ("flats", 3, 2, 0))
    services.summaries = [summary(services.clock)]
    async with open_room() as room:
        await until(room, lambda: practice_line(room).startswith("next: "))


async def test_home_names_none_before_any_sitting_and_while_a_faithful_exam_runs(
    services: FakeServices, open_room: OpenRoom
) -> None:
    async with open_room() as room:
        assert practice_line(room) == "single tasks, with an explanation of each score"
    practised(services, ("flats", 3, 2, 0))
    services.summaries = [summary(services.clock, phase=Phase.RUNNING, mode="faithful")]
    async with open_room() as room:
        await room.settle()
        assert practice_line(room) == "single tasks, with an explanation of each score"


async def test_the_result_names_the_next_task(services: FakeServices, open_exam: OpenRoom) -> None:
    practised(services, ("flats", 3, 2, 0))
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await room.scene.take("flats", graded(3))
        await room.scene.end()
        await until(room, lambda: room.screen_name == "ResultScreen")
        await until(room, lambda: bool(room.app.screen.query("#next")))
        await until(room, lambda: "→ next: " in room.text("#next"))
