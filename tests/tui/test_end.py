from typing import Any

import pytest
from textual.containers import Vertical
from textual.geometry import Size

from engine.sitting.state.sitting import Phase
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import TITLES, graded


def rows(room: Room) -> list[str]:
    """The table without its column names, with single spaces."""
    return [" ".join(each.split()) for each in room.text("#table").split("\n")[1:]]


async def test_it_says_what_counts_and_what_is_missing(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.take("flats", graded(5))
        await room.scene.take("garments", graded(4))
        await room.scene.take("hands")
        await room.pilot.press("e")
        await room.settle()
        assert rows(room) == [
            "✓ full marks 1 Power plant output 5/5 10 % 10 %",
            "● still to gain 2 Garment drawings 4/5 15 % 12 %",
            "… not graded yet 3 Hand shapes –/5 20 % 0 %",
            "○ nothing graded 4 Shop reviews –/5 25 % 0 %",
            "○ nothing graded 5 Town load –/5 30 % 0 %",
            "Total 22 %",
        ]
        assert "68 % short of the pass mark, 90 %. 78 % still to gain." in room.text("#remarks")
        assert "1 submission is not graded yet" in room.text("#remarks")
        assert "Cheapest" not in room.text("#remarks")
        assert "Time left: 5:00:00" in room.text("#left")
        await room.pilot.press("escape")
        await room.settle()
        assert "Ended" not in room.scene.happened()
        await room.pilot.press("e", "y")
        await room.scene.phase(Phase.ENDED)
        await room.settle()
        assert room.screen_name == "ResultScreen"


async def test_the_buttons_do_what_the_keys_do(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("e")
        await room.settle()
        await room.pilot.click("#no")
        await room.settle()
        assert room.screen_name == "ExamScreen"
        await room.pilot.press("e")
        await room.settle()
        await room.pilot.click("#yes")
        await room.scene.phase(Phase.ENDED)
        await room.settle()
        assert room.screen_name == "ResultScreen"


async def test_what_was_saved_and_not_submitted_is_named_and_can_be_submitted(
    open_exam: OpenRoom,
) -> None:
    async with open_exam(flags={"auto_grade": False}) as room:
        await room.pilot.press("e")
        await room.settle()
        assert not room.app.screen.query_one("#submit").display
        await room.scene.leave_late("hands", "flats")
        await room.settle()
        assert rows(room)[0].startswith("! saved, not graded 1 Power plant output")
        assert "2 saved models were not submitted and will not count" in room.text("#remarks")
        await room.pilot.click("#submit")
        await room.scene.submitted(2)
        assert {each.task for each in room.scene.sitting.submissions} == {"flats", "hands"}
        assert all(each.by_hand for each in room.scene.sitting.submissions)
        assert room.screen_name == "EndScreen"


async def test_coach_mode_names_the_cheapest_next_point(open_exam: OpenRoom) -> None:
    async with open_exam(mode="coach") as room:
        await room.scene.take("flats", graded(3, 0.87))
        await room.scene.take("town-load", graded(4, 0.895))
        await room.pilot.press("e")
        await room.settle()
        assert room.text("#remarks").split("\n")[-2:] == [
            "▸ Cheapest next point: 5 Town load",
            "  accuracy 0.895 → 0.9 (5/5 there, 6 % more in all)",
        ]


async def test_what_was_never_measured_has_no_way_to_show(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        await room.pilot.press("e")
        await room.settle()
        assert "not measured yet; needs accuracy 0.8" in room.text("#remarks")
        assert "pass" not in room.text("#remarks")


async def test_with_all_at_full_marks_there_is_nothing_left_to_win(open_exam: OpenRoom) -> None:
    async with open_exam(mode="coach") as room:
        for name, _en, _zh in TITLES:
            await room.scene.take(name, graded(5))
        await room.pilot.press("e")
        await room.settle()
        assert room.text("#remarks") == "✓ Every category is at 5/5: there is nothing left to gain."
        assert not room.app.screen.query_one("#yes").has_class("-grave")


async def test_it_goes_on_while_one_thinks(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("e")
        await room.scene.take("town-load", graded(5))
        await room.scene.tick(60)
        await room.settle()
        assert rows(room)[-1] == "Total 30 %"
        assert "Time left: 4:59:00" in room.text("#left")


async def test_no_line_is_wider_than_the_card(open_exam: OpenRoom) -> None:
    from rich.cells import cell_len

    async with open_exam(flags={"lang": "zh"}) as room:
        await room.scene.take("garments", graded(4))
        await room.pilot.press("e")
        await room.settle()
        width = room.app.screen.query_one("#table").content_size.width
        assert {cell_len(line) for line in room.text("#table").split("\n")} == {width}


async def test_its_card_is_whole_at_the_first_paint(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: set[Size] = set()
    resized = Vertical._size_updated

    def noted(card: Vertical, size: Size, *rest: Any) -> bool:
        if card.has_class("card"):
            sizes.add(size)
        return resized(card, size, *rest)

    monkeypatch.setattr(Vertical, "_size_updated", noted)
    async with open_exam(size=(120, 40)) as room:
        await room.pilot.press("e")
        await room.settle()
        assert len(sizes) == 1


@pytest.mark.parametrize("size", [(60, 15), (100, 15), (60, 24), (80, 24)])
@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_the_buttons_are_in_sight_in_any_window(
    open_exam: OpenRoom, size: tuple[int, int], lang: str
) -> None:
    async with open_exam(size=size, flags={"lang": lang}) as room:
        await room.scene.leave_late("flats")
        await room.pilot.press("e")
        await room.settle()
        screen = room.app.screen
        window = screen.region
        bar = screen.query_one("KeyBar").region
        for button in screen.query("Button"):
            if button.display:
                assert window.contains_region(button.region), (button, button.region)
                assert not button.region.overlaps(bar)
                card = screen.query_one(".card").content_region
                assert card.contains_region(button.region)
