from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from tui.text.block_digits import block_digits
from tui.widgets.exam.exam_clock import URGENT, ExamClock, clock_tone, words_for


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
        figures = "\n".join(block_digits("0:05:01"))
        assert said == [("0:05:01", False), (figures, False)]
        clock.show(URGENT)
        assert said[2] == ("0:05:00", False)
        assert said[4:] == [("under 5 minutes left", True)]
        await pilot.pause()
        assert str(clock.query_one(".words", Static).content) == "under 5 minutes left"


@pytest.mark.parametrize(
    ("left", "whole", "words", "tone"),
    [
        (59 * 60, 300 * 60, "under 60 minutes left", ""),
        (59 * 60, 60 * 60, "time left", ""),
        (29 * 60, 60 * 60, "under 30 minutes left", "$text-warning"),
        (29 * 60, 30 * 60, "time left", ""),
        (299, 5 * 60, "time left", "$text-error"),
        (59, 5 * 60, "last minute", "$text-error"),
    ],
)
def test_a_short_sitting_does_not_begin_with_little_time(
    left: float, whole: float, words: str, tone: str
) -> None:
    assert (words_for(left, whole), clock_tone(left, whole)) == (words, tone)
