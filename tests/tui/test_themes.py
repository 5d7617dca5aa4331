"""Good and bad must look different to people who cannot tell red from green."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich._palettes import EIGHT_BIT_PALETTE, STANDARD_PALETTE
from rich.color import Color as TerminalColor
from rich.color import ColorType
from rich.console import Console
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from engine.clock import ManualClock
from tests.tui.draw_screens import COUNTS, FOLDER, IN_FEW_COLOURS, SIZES
from tests.tui.fakes import FakeServices, settings
from tui import themes
from tui.app import ExamApp
from tui.palette_filter import Count, PaletteFilter, number_of

# Machado, Oliveira and Fernandes (2009), severity 1.0, in linear RGB.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
# Those of 256 colours: Rich counts the first 16 apart.
PALETTE = {ColorType.STANDARD, ColorType.EIGHT_BIT}
TOKENS = ("primary", "secondary", "accent", "success", "warning", "error", "background")


def linear(channel: int) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def seen(colour: str) -> tuple[float, float, float]:
    """The L*a*b* values of a colour as a deuteranope sees it."""
    rgb = [linear(channel) for channel in Color.parse(colour).rgb]
    r, g, b = (sum(w * c for w, c in zip(line, rgb, strict=True)) for line in DEUTERANOPIA)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (max(0.0, value) ** (1 / 3) for value in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(theme: Theme) -> float:
    good, bad = seen(str(theme.success)), seen(str(theme.error))
    return math.dist(good, bad)


@pytest.mark.parametrize("theme", themes.OURS, ids=lambda each: each.name)
def test_good_and_bad_differ_without_red_and_green(theme: Theme) -> None:
    wanted = 60 if theme is themes.CLEAR else 20
    assert apart(theme) > wanted


@pytest.mark.parametrize("theme", themes.OURS, ids=lambda each: each.name)
def test_every_token_is_set(theme: Theme) -> None:
    assert all(getattr(theme, token) for token in TOKENS)
    assert set(theme.variables) >= set(themes.DARK.variables) - {"input-selection-background"}


@pytest.mark.parametrize("theme", themes.OURS, ids=lambda each: each.name)
def test_text_stands_out_from_the_ground(theme: Theme) -> None:
    ground = Color.parse(str(theme.background))
    for token in ("foreground", "success", "warning", "error", "primary"):
        assert abs(Color.parse(str(getattr(theme, token))).brightness - ground.brightness) > 0.25


def luminance(colour: str) -> float:
    red, green, blue = (linear(channel) for channel in Color.parse(colour).rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of WCAG 2.2: from 1 to 21."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def shown(colour: str, count: Count | None) -> str:
    """The colour as a terminal with `count` colours draws it."""
    if count is None:
        return colour
    palette = EIGHT_BIT_PALETTE if count == 256 else STANDARD_PALETTE
    return palette[number_of(Color.parse(colour).hex.lower(), count)].hex


@pytest.mark.parametrize("count", [None, 256, 16])
@pytest.mark.parametrize("theme", themes.OURS, ids=lambda each: each.name)
def test_text_can_be_read(theme: Theme, count: Count | None) -> None:
    tokens = ("foreground", "primary", "accent", "success", "warning", "error")
    texts = {name: str(getattr(theme, name)) for name in tokens}
    made = theme.to_color_system().generate()
    texts |= {f"text-{name}": made[f"text-{name}"] for name in tokens[1:]}
    texts["muted"] = theme.variables["foreground-muted"]
    grounds = {name: str(getattr(theme, name)) for name in ("background", "surface", "panel")}
    pairs = {(text, ground): (texts[text], grounds[ground]) for text in texts for ground in grounds}
    cursor = (
        theme.variables["block-cursor-foreground"],
        theme.variables["block-cursor-background"],
    )
    pairs["cursor", "cursor"] = cursor
    found = {
        names: contrast(shown(text, count), shown(ground, count))
        for names, (text, ground) in pairs.items()
    }
    assert {names: round(each, 1) for names, each in found.items() if each < 4.5} == {}


@pytest.mark.parametrize("count", [256, 16])
@pytest.mark.parametrize("theme", themes.OURS, ids=lambda each: each.name)
def test_every_colour_of_ours_has_its_place_in_small_palettes(theme: Theme, count: Count) -> None:
    colours = [str(getattr(theme, token)) for token in (*TOKENS, "foreground", "surface", "panel")]
    colours += [each for each in theme.variables.values() if len(each) == len("#rrggbb")]
    made = theme.to_color_system().generate()
    tones = ("success", "error", "warning", "primary", "accent")
    colours += [Color.parse(made[f"text-{each}"]).hex.lower() for each in tones]
    assert not [each for each in colours if each not in themes.PALETTES]
    ground = number_of(str(theme.background), count)
    assert number_of(theme.variables["block-cursor-background"], count) != ground


@pytest.mark.parametrize("colour", ["#1c2230", "#141a24", "#262d3a", "#0d1117"])
def test_dark_greys_with_a_touch_of_blue_stay_grey(colour: str) -> None:
    assert number_of(colour, 256) in (*range(232, 241), 16)
    assert number_of(colour, 16) in (0, 8)


@pytest.mark.parametrize("colour", ["#7d828b", "#7e838b"])
def test_a_middle_grey_with_a_touch_of_blue_does_not_become_teal(colour: str) -> None:
    assert number_of(colour, 16) in (7, 8)


@pytest.mark.parametrize(
    ("environment", "kinds"),
    [
        ({"TERM": "tmux-256color"}, PALETTE),  # over ssh COLORTERM is lost
        ({"TERM": "xterm-256color"}, PALETTE),
        ({"TERM": "screen"}, {ColorType.STANDARD}),
        ({"TERM": "linux"}, {ColorType.STANDARD}),
        ({"TERM": "xterm-16color"}, {ColorType.STANDARD}),
        ({"TERM": "tmux-256color", "COLORTERM": "truecolor"}, {ColorType.TRUECOLOR}),
    ],
)
async def test_the_app_draws_with_the_colours_that_its_terminal_has(
    environment: dict[str, str],
    kinds: set[ColorType],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = ManualClock()
    app = ExamApp(settings(tmp_path), clock, services=FakeServices(clock, tmp_path))
    app.console = Console(force_terminal=True, _environ=environment)
    monkeypatch.setattr(ExamApp, "is_headless", False)
    async with app.run_test():
        drawn = {each.type for each in colours(app)}
    assert drawn
    assert drawn <= kinds


def colours(app: App[None]) -> Iterator[TerminalColor]:
    """Every colour of text and ground on the screen."""
    for line in app.screen._compositor.render_strips():
        for style in (segment.style for segment in line if segment.style):
            yield from (each for each in (style.color, style.bgcolor) if each is not None)


# Of the window that Rich draws around a picture.
FRAME = {"#292929", "#28c840", "#febc2e", "#ff5f57", "#c5c8c6"}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", IN_FEW_COLOURS)
def test_pictures_in_few_colours_are_kept_and_have_no_other(name: str, count: Count) -> None:
    palettes = {256: EIGHT_BIT_PALETTE, 16: STANDARD_PALETTE}
    known = FRAME | {palettes[each][number].hex for each in {16, count} for number in range(each)}
    for width, height in SIZES:
        picture = FOLDER / f"{name}-{width}x{height}-en-{count}.svg"
        drawn = set(re.findall(r'fill(?::|=")\s*(#[0-9a-f]{6})', picture.read_text("utf-8")))
        assert len(drawn - FRAME) > 4
        assert drawn <= known


def test_what_is_drawn_has_only_colours_of_the_palette() -> None:
    style = Style(color="#7aa7e8", bgcolor="#12161d", bold=True)
    plain = [Segment("text", style), Segment("bare"), Segment("", None, [(ControlType.HOME,)])]
    first, *rest = PaletteFilter(256).apply(plain, Color.parse("black"))
    assert first.style == Style(color="color(111)", bgcolor="color(233)", bold=True)
    assert rest == plain[1:]
