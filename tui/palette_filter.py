"""Draws every line with the colours that the terminal has: 256 or 16.

Rich takes the nearest colour by red, green and blue, which turns our dark greys with a touch
of blue into navy, teal or black. The colours of our themes have hand-picked places in both
palettes (`themes.PALETTES`); of any other, such as a blend of two, the lightness counts most.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from rich._palettes import EIGHT_BIT_PALETTE, STANDARD_PALETTE
from rich.color import Color as TerminalColor
from rich.palette import Palette
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter

from tui import themes

if TYPE_CHECKING:
    from textual.color import Color

Count = Literal[16, 256]
_Lab = tuple[float, float, float]
# Below this chroma (Oklab) a colour is taken for a grey.
_GREYISH = 0.055
_GREYS = {256: (16, *range(232, 256), 231), 16: (0, 8, 7, 15)}
# The first 16 of 256 are whatever the terminal's own theme says.
_COLOURS = {256: range(16, 256), 16: range(16)}


class PaletteFilter(LineFilter):
    """Replaces each colour by one of the terminal's `count` colours."""

    def __init__(self, count: Count) -> None:
        super().__init__()
        self._count = count

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments with the same text, in colours that the terminal has."""
        return [
            Segment(each.text, _restyled(each.style, self._count), each.control)
            if each.style
            else each
            for each in segments
        ]


@lru_cache(maxsize=4_096)
def _restyled(style: Style, count: Count) -> Style:
    front, ground = (_of_palette(each, count) for each in (style.color, style.bgcolor))
    return style + Style(color=front, bgcolor=ground)


def _of_palette(colour: TerminalColor | None, count: Count) -> TerminalColor | None:
    if colour is None or colour.triplet is None:
        return colour
    return TerminalColor.from_ansi(number_of(colour.triplet.hex, count))


@lru_cache(maxsize=4_096)
def number_of(colour: str, count: Count) -> int:
    """The number of the palette's colour for `colour`, a lower-case "#rrggbb"."""
    if picked := themes.PALETTES.get(colour):
        return picked[count == 16]
    wanted = _oklab(colour)
    choice = _GREYS[count] if math.hypot(*wanted[1:]) < _GREYISH else _COLOURS[count]
    palette = EIGHT_BIT_PALETTE if count == 256 else STANDARD_PALETTE
    return min(choice, key=lambda number: math.dist(wanted, _oklab_of(palette, number)))


def _oklab_of(palette: Palette, number: int) -> _Lab:
    return _oklab("#{:02x}{:02x}{:02x}".format(*palette[number]))


@lru_cache(maxsize=4_096)
def _oklab(colour: str) -> _Lab:
    """Lightness and two colour axes as people see them (Ottosson 2020, "Oklab")."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
