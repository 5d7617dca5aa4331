"""Lays a table out as text: a column is as wide as it must be, and its cells wrap. Pure.

Textual's own Markdown table crops what does not fit: the cells say "…", and nobody can
read the contract.
"""

import re
from collections.abc import Sequence
from itertools import zip_longest

from rich.cells import cell_len
from textual.content import Content

from tui.text.line_breaks import broken, has_chinese

Row = Sequence[Content]
_GUTTER = 2
# A narrower column would hold one or two words a line.
_NARROWEST = 10


def laid_out(head: Row, rows: Sequence[Row], width: int) -> Content:
    """The table in `width` cells, with a line below the head.

    Where a cell takes more than one line, there is a line below each row.
    """
    columns = [list(column) for column in zip_longest(head, *rows, fillvalue=Content())]
    widths = _widths(columns, width)
    first, *others = [_lines(row, widths) for row in (head, *rows)]
    rule = Content.styled("─" * min(width, sum(widths) + _GUTTER * (len(widths) - 1)), _FAINT)
    ruled = any(len(lines) > 1 for lines in others)
    parts = [Content.styled(line.plain, "bold $text-primary") for line in first]
    for lines in others:
        if ruled or lines is others[0]:
            parts.append(rule)
        parts += lines
    return Content("\n").join(parts)


_FAINT = "$foreground 30%"


def _widths(columns: Sequence[Sequence[Content]], width: int) -> list[int]:
    """What each column gets: all it wants, or a share of what its neighbours leave."""
    wanted = [max(cell.cell_length for cell in column) for column in columns]
    least = [
        min(want, max(_NARROWEST, _longest(col))) for want, col in zip(wanted, columns, strict=True)
    ]
    room = max(len(columns), width - _GUTTER * (len(columns) - 1))
    given = list(least)
    while sum(given) > room:
        given[given.index(max(given))] -= 1
    # The column that lacks least comes first: a short cell is not worth a second line.
    lacks = sorted(
        (want - have, place) for place, (want, have) in enumerate(zip(wanted, given, strict=True))
    )
    for done, (lack, place) in enumerate(lacks):
        given[place] += min(lack, max(0, room - sum(given)) // (len(given) - done))
    return given


def _longest(column: Sequence[Content]) -> int:
    """The cells of the longest word; Chinese breaks anywhere."""
    words = (word for cell in column for word in re.split(r"\s+", cell.plain))
    return max((cell_len(word) for word in words if not has_chinese(word)), default=0)


def _lines(row: Row, widths: Sequence[int]) -> list[Content]:
    cells = [*row, *[Content()] * (len(widths) - len(row))]
    wrapped = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for parts in zip_longest(*wrapped, fillvalue=Content()):
        pairs = zip(parts, widths, strict=True)
        padded = [part.pad_right(width - part.cell_length) for part, width in pairs]
        lines.append(Content(" " * _GUTTER).join(padded).rstrip())
    return lines


def _wrapped(cell: Content, width: int) -> list[Content]:
    lines = broken(cell, width).split("\n") if has_chinese(cell.plain) else cell.wrap(width)
    return [line.rstrip() for line in lines] or [Content()]
