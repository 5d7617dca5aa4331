"""NO_COLOR: no screen sends a colour, and what is selected can still be told from the rest."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widgets import Input

from tests.tui.conftest import OpenRoom
from tests.tui.draw_screens import SCENES, Stagehand, play_scene
from tests.tui.scene import home_of_ada
from tui import themes
from tui.app import ExamApp
from tui.colourless_filter import ColourlessFilter

_STYLE = re.compile(r"\x1b\[([\d;]*)m")
_COLOURS = {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}
_REVERSE = 7


@pytest.fixture(autouse=True)
def no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")


def written(app: ExamApp) -> list[str]:
    """Each line of the screen as the terminal gets it."""
    return [each.render(app.console) for each in app.screen._compositor.render_strips()]


def codes(line: str) -> set[int]:
    """The SGR codes of a line."""
    return {int(code) for each in _STYLE.findall(line) for code in each.split(";") if code}


def reversed_text(line: str) -> str:
    """What of a line is drawn in reverse."""
    parts = _STYLE.split(line)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return "".join(text for style, text in pairs if str(_REVERSE) in style.split(";"))


@pytest.mark.parametrize("name", SCENES)
async def test_no_screen_sends_a_colour(name: str, tmp_path: Path) -> None:
    start, script = SCENES[name]
    with home_of_ada(tmp_path):
        stage = Stagehand((80, 24), "en", start, tmp_path)
        async with stage.app.run_test(size=(80, 24)) as pilot:
            await play_scene(stage, script, pilot)
            found = set().union(*map(codes, written(stage.app)))
    assert found
    assert not _COLOURS & found


async def test_the_selected_row_differs_from_its_neighbours(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await room.pilot.press("down")
        marked = [reversed_text(line) for line in written(room.app)]
        shown = [each for each in marked if each.strip()]
        assert [each.split()[0] for each in shown] == ["Practice", "single"]


async def test_the_cursor_in_a_field_can_be_seen(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await room.pilot.press("p", "slash", "a", "b", "left")
        room.app.screen.query_one(Input).cursor_blink = False
        await room.settle()
        field = next(line for line in written(room.app) if "\x1b[7ma" in line)
        assert "b" not in reversed_text(field)


async def test_colours_come_with_an_empty_variable(
    open_room: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    async with open_room() as room:
        assert 38 in set().union(*map(codes, written(room.app)))


async def test_a_theme_that_is_chosen_is_kept_for_a_terminal_with_colours(
    open_room: OpenRoom,
) -> None:
    async with open_room() as room:
        await room.app.run_action("use_theme('tfexam-clear')")
        await room.settle()
        assert room.app.settings.theme == "tfexam-clear"
        assert room.app.theme == themes.PLAIN.name


def drawn(style: Style, text: str = "text") -> Segment:
    (found,) = ColourlessFilter().apply([Segment(text, style)], Color.parse("black"))
    return found


def cases() -> Iterator[tuple[Style, Style]]:
    yield Style(color="#ffffff", bgcolor="#000000"), Style()
    yield Style(color="#ffffff", bold=True, underline=True), Style(bold=True, underline=True)
    yield Style(color="#999999", bgcolor="#000000"), Style(dim=True)
    yield Style(color="#000000", bgcolor="#ffffff"), Style(reverse=True)
    yield Style(color="#ffffff", bgcolor="#ffffff"), Style(reverse=True)
    yield Style(color="#ffffff", bgcolor="#888888"), Style(reverse=True, dim=True)
    # Textual's own style of a chosen row under NO_COLOR.
    yield Style(color="#000000", bgcolor="#ffffff", reverse=True), Style(reverse=True)
    yield Style(color="default", bgcolor="default"), Style()
    yield Style(color="color(7)", bgcolor="color(1)"), Style(reverse=True, dim=True)


@pytest.mark.parametrize(("style", "wanted"), cases())
def test_each_style_becomes_one_without_colours(style: Style, wanted: Style) -> None:
    assert drawn(style) == Segment("text", wanted)


def test_text_that_is_not_to_be_seen_stays_unseen() -> None:
    assert drawn(Style(color="#000000", bgcolor="#000000"), "▊中").text == "   "


def test_controls_and_what_a_click_does_are_kept() -> None:
    home = Segment("", None, [(ControlType.HOME,)])
    click = Style(color="#999999", meta={"@click": "help"})
    plain, kept = ColourlessFilter().apply([home, Segment("F1", click)], Color.parse("black"))
    assert plain is home
    assert kept.style is not None
    assert kept.style.meta == {"@click": "help"}
    assert Strip([kept]).cell_length == 2
