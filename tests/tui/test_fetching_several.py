"""Several data sets are marked and fetched at once; one that fails does not stop the others."""

import threading
from collections.abc import Callable
from dataclasses import replace

from textual.widgets import OptionList

from engine.errors import DataError
from exam_bank.datasets.fetch import FetchProgress
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices
from tests.tui.test_data_screen import at_rest, rows, show
from tui.screens.data_fetches import DataFetches


async def mark_all(room: Room) -> None:
    """Mark everything that is not here."""
    for _ in range(3):
        await room.pilot.press("down", "space")
    await room.settle()


async def test_space_marks_and_the_status_says_what_it_costs(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await show(room)
        await room.pilot.press("space")
        await room.settle()
        assert rows(room)[0] == "✓ here garments 26 MB"
        await mark_all(room)
        assert [row[0] for row in rows(room)] == ["✓", "■", "■", "■"]
        assert room.text("#status") == "■ 3 data sets are marked · to fetch 285 MB"
        await room.pilot.press("space")
        await room.settle()
        assert rows(room)[3] == "○ absent planets 1 kB"
        assert "2 data sets are marked" in room.text("#status")


async def test_all_that_are_marked_are_fetched_at_once_each_with_its_progress(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.data_sets.hold.clear()
    async with open_room() as room:
        await show(room)
        await mark_all(room)
        await room.pilot.press("f")
        await until(room, lambda: len(moving(room)) == 3)
        assert sorted(services.data_sets.asked) == ["fetch hands", "fetch planets", "fetch reviews"]
        sizes = {line.split()[0]: line.split("╌ ")[-1] for line in moving(room)}
        assert sizes["hands"] == "80 MB / 201 MB"
        assert sizes["reviews"] == "34 MB / 84 MB"
        assert len(room.text("#status").split("\n")) == 3
        assert [row[:6] for row in rows(room)[1:3]] == ["▶ 39 %", "▶ 40 %"]
        services.data_sets.hold.set()
        await at_rest(room)
        assert all(row.startswith("✓ here") for row in rows(room))
        assert room.text("#status") == "✓ 3 data sets are here."
        assert "Fetch" not in room.offered()


def moving(room: Room) -> list[str]:
    return [line for line in room.text("#status").split("\n") if "╌" in line or "━" in line]


async def test_one_that_fails_is_told_and_the_others_arrive(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.data_sets.fails_for["reviews"] = DataError("No source gave it.", fix="Add it.")
    async with open_room() as room:
        await show(room)
        await mark_all(room)
        await room.pilot.press("f")
        await at_rest(room)
        assert rows(room)[1].startswith("✓ here hands")
        assert rows(room)[2].startswith("✗ failed reviews")
        assert rows(room)[3].startswith("✓ here planets")
        assert room.text("#status").split("\n")[0] == "✗ reviews: No source gave it. Add it."
        assert "✓ hands is here." in room.text("#status")
        room.app.screen.query_one("#sets", OptionList).highlighted = 2
        await room.settle()
        assert "No source gave it. Add it." in room.text("#details")
        assert "Fetch" in room.offered()


async def test_a_fault_nobody_foresaw_stops_only_its_own(
    open_room: OpenRoom, services: FakeServices
) -> None:
    whole = services.data_sets.fetch

    def fetch(
        name: str, on_progress: Callable[[FetchProgress], None], cancel: threading.Event
    ) -> None:
        if name == "hands":
            raise ZeroDivisionError("by zero")
        whole(name, on_progress, cancel)

    services.data_sets.fetch = fetch  # type: ignore[method-assign]
    async with open_room() as room:
        await show(room)
        await mark_all(room)
        await room.pilot.press("f")
        await at_rest(room)
        assert "ZeroDivisionError" in room.text("#status")
        assert rows(room)[2].startswith("✓ here reviews")


async def test_cancelling_stops_all_and_begins_none_that_waits(
    open_room: OpenRoom, services: FakeServices
) -> None:
    states = services.data_sets.states
    services.data_sets.states = [*states, *(replace(states[3], id=f"more-{n}") for n in range(3))]
    services.data_sets.hold.clear()
    async with open_room() as room:
        await show(room)
        for _ in range(6):
            await room.pilot.press("down", "space")
        await room.pilot.press("f")
        await until(room, lambda: len(services.data_sets.asked) == 3)
        await until(room, lambda: "3 wait" in room.text("#status"))
        await room.pilot.press("c")
        await at_rest(room)
        assert len(services.data_sets.asked) == 3
        assert "✗ hands: Fetching hands was stopped." in room.text("#status")


async def test_marks_survive_a_filter(open_room: OpenRoom, services: FakeServices) -> None:
    async with open_room() as room:
        await show(room)
        await room.pilot.press("down", "space", "slash", *"planets", "enter", "space", "escape")
        await room.pilot.press("f")
        await at_rest(room)
        assert sorted(services.data_sets.asked) == ["fetch hands", "fetch planets"]


def test_what_waits_moves_failed_and_is_here_is_told_apart_without_colour() -> None:
    fetches = DataFetches(["a", "b", "c", "d"])
    fetches.moved(FetchProgress("b", "b.zip", "https://example.org/b.zip", 1_000_000, 4_000_000))
    fetches.ended("c")
    fetches.ended("d", DataError("No."))
    told = [fetches.state(name) for name in ("a", "b", "c", "d", "e")]
    assert [each and each[:2] for each in told] == [
        ("…", "waits"),
        ("▶", "25 %"),
        ("✓", "here"),
        ("✗", "failed"),
        None,
    ]
    assert "1 here · 1 failed · 1 waits" in str(fetches.text())
