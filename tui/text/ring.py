"""Draws a share as a ring of dots: won is a broad band, the rest a thin line. Pure.

Braille characters hold two by four dots a cell, which makes a ring round in a few lines.
The band differs from the line in shape, so that the ring reads without colour.
"""

import math
from collections.abc import Sequence

from textual.content import Content

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BAND = 3.0  # dots
_LINE = (1.1, 1.9)  # dots from the rim: a thin line in the middle of the band
_QUIET = "$foreground-disabled"


def ring(part: float, rows: int, style: str, inside: Sequence[Content]) -> list[Content]:
    """`rows` lines of twice as many cells, won clockwise from the top; `inside` in its middle."""
    cells = [[_cell(x, y, rows, part) for x in range(2 * rows)] for y in range(rows)]
    lines = [_line(row, style) for row in cells]
    first = (rows - len(inside)) // 2
    for place, text in enumerate(inside, first):
        lines[place] = _over(lines[place], text)
    return lines


def _cell(x: int, y: int, rows: int, part: float) -> tuple[str, bool]:
    """A character, and whether any of it is won."""
    bits, won = 0, False
    for dot_x in range(2):
        for dot_y in range(4):
            kind = _dot(2 * x + dot_x, 4 * y + dot_y, 4 * rows, part)
            if kind:
                bits |= _DOTS[dot_x][dot_y]
                won = won or kind == "won"
    return (chr(0x2800 + bits) if bits else " "), won


def _dot(x: int, y: int, size: int, part: float) -> str:
    """What the dot at x, y of a square of `size` dots is: "won", "open" or nothing."""
    middle = (size - 1) / 2
    right, up = x - middle, middle - y
    from_rim = size / 2 - math.hypot(right, up)
    turn = (math.atan2(right, up) / (2 * math.pi)) % 1.0
    if turn < part:
        return "won" if 0 <= from_rim < _BAND else ""
    return "open" if _LINE[0] <= from_rim < _LINE[1] else ""


def _line(row: Sequence[tuple[str, bool]], style: str) -> Content:
    return Content.assemble(*((text, style if won else _QUIET) for text, won in row))


def _over(line: Content, text: Content) -> Content:
    """`text` in the middle of `line`."""
    start = (line.cell_length - text.cell_length) // 2
    end = start + text.cell_length
    return Content.assemble(line[:start], text, line[end:])
