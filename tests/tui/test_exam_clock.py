from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from tui.widgets.exam.exam_clock import URGENT, ExamClock


class Alone(App[None]):
    """The clock alone on a screen."""

    def compose(self) -> ComposeResult:
        yield ExamClock()


async def test_a_second_paints_the_figure_and_lays_nothing_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[tuple[str, bool]] = []
    true = Static.update

    def update(self: Static, content: Any = "", *, layout: bool = True) -> None:
        said.append((str(content), layout))
        true(self, content, layout=layout)

    async with Alone().run_test() as pilot:
        clock = pilot.app.query_one(ExamClock)
        clock.show(URGENT + 2)
        monkeypatch.setattr(Static, "update", update)
        clock.show(URGENT + 1)
        assert said == [("0:05:01", False)]
        clock.show(URGENT)
        assert said[1:] == [("0:05:00", False), ("under 5 minutes left", True)]
        await pilot.pause()
        assert str(clock.query_one(".words", Static).content) == "under 5 minutes left"
