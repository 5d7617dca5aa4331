"""Draws a small picture in cells: two pixels in each, one above the other.

With colours a cell is a half block; without them, as on the command line, its brightness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.grading.evidence import Thumbnail

_HALF = "▀"
_SHADES = " ░▒▓█"
_LIGHT = (0.299, 0.587, 0.114)  # ITU-R BT.601

Pixel = tuple[int, int, int]


def drawn(picture: Thumbnail, width: int, *, colours: bool) -> list[Content]:
    """The picture in lines of at most `width` cells; a wider one loses pixels evenly."""
    rows = list(_rows(picture, min(width, picture.width)))
    if len(rows) % 2:
        rows.append([(0, 0, 0)] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [(_coloured if colours else _shaded)(upper, lower) for upper, lower in pairs]


def _rows(picture: Thumbnail, width: int) -> Iterator[list[Pixel]]:
    height = max(1, round(picture.height * width / picture.width))
    for y in range(height):
        line = y * picture.height // height
        yield [_pixel(picture, x * picture.width // width, line) for x in range(width)]


def _pixel(picture: Thumbnail, x: int, y: int) -> Pixel:
    at = 3 * (y * picture.width + x)
    told = picture.rgb[at : at + 3].ljust(3, b"\0")
    return told[0], told[1], told[2]


def _coloured(upper: list[Pixel], lower: list[Pixel]) -> Content:
    return Content.assemble(
        *(
            (_HALF, f"rgb{_text(above)} on rgb{_text(below)}")
            for above, below in zip(upper, lower, strict=True)
        )
    )


def _text(pixel: Pixel) -> str:
    return f"({pixel[0]},{pixel[1]},{pixel[2]})"


def _shaded(upper: list[Pixel], lower: list[Pixel]) -> Content:
    return Content("".join(map(_shade, upper, lower)))


def _shade(above: Pixel, below: Pixel) -> str:
    light = sum(weight * (a + b) for weight, a, b in zip(_LIGHT, above, below, strict=True)) / 510
    return _SHADES[min(len(_SHADES) - 1, int(light * len(_SHADES)))]
