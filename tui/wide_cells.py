"""Keeps characters of two cells whole where a line is put together from pieces.

Textual cuts every line at the edges of all widgets on it, also of those that are covered, and
loses a wide character that such a cut goes through: a notification above the clock, or the page
that says that the window is too small, had holes in Chinese. Here a piece keeps the character
that it begins, if the next piece is of the same line, which then begins one cell later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from rich.cells import cell_len
from rich.control import Control
from textual._compositor import Compositor
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_divide, _chops = Strip.divide, Compositor._render_chops


def use_in_textual() -> None:
    """Make the compositor keep wide characters; a test notices when Textual changes."""
    setattr(Strip, "divide", _pieces)  # noqa: B010 - mypy forbids to assign a method
    setattr(Compositor, "_render_chops", _whole_chops)  # noqa: B010


def is_through(strip: Strip, place: int) -> bool:
    """Whether a cut at the cell `place` goes through a character."""
    at = 0
    for sign in strip.text:
        if at >= place:
            break
        at += cell_len(sign)
    return at > place


class Piece(Strip):
    """A part of a line, which remembers the line and where it was cut out."""

    __slots__ = ["line", "start"]

    line: Strip
    start: int

    @classmethod
    def of(cls, line: Strip, start: int, part: Strip) -> Self:
        """`part`, which begins at the cell `start` of `line`."""
        found = cls(part._segments, part.cell_length)
        found.line, found.start = line, start
        return found

    @property
    def end(self) -> int:
        """The first cell after it."""
        return self.start + self.cell_length

    def crop(self, start: int, end: int | None = None) -> Strip:
        """The same, with the whole of a character at the end: what stands there is no other."""
        if end is not None and end < self.cell_length and is_through(self, end):
            end += 1
        return super().crop(start, end)


class Later(Strip):
    """A piece that begins one cell after its place: before it is the end of a character."""

    __slots__ = ["column", "rest"]

    column: int
    rest: Strip

    @classmethod
    def of(cls, column: int, rest: Strip) -> Self:
        """`rest`, drawn from the `column` of the screen on."""
        move = Control.move_to_column(column).segment
        found = cls([move, *rest._segments], rest.cell_length)
        found.column, found.rest = column, rest
        return found

    def crop(self, start: int, end: int | None = None) -> Strip:
        """The part before `end`, counted from the place of the piece."""
        return Later.of(self.column, self.rest.crop(start, None if end is None else end - 1))


def _pieces(line: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """As Strip.divide; of a line with wide characters, pieces that remember it."""
    found = _divide(line, cuts)
    if len(found) < 2 or len(line.text) == line.cell_length:
        return found
    start, pieces = 0, []
    for part in found:
        pieces.append(Piece.of(line, start, part))
        start += part.cell_length
    return pieces


def _whole_chops(self: Compositor, *given: Any) -> Sequence[Mapping[int, Strip]]:
    """As Compositor._render_chops, with the characters whole that its cuts went through."""
    found = _chops(self, *given)
    return [
        _mended(row) if any(isinstance(each, Piece) for each in row.values()) else row
        for row in found
    ]


def _mended(row: Mapping[int, Strip]) -> Mapping[int, Strip]:
    columns, parts = list(row), list(row.values())
    # Whether the cut before each part, and that after the last, goes through a character.
    cut = [False, *map(_are_cut, parts, parts[1:]), False]
    return {
        column: _widened(part, column, cut[at], cut[at + 1])
        for at, (column, part) in enumerate(zip(columns, parts, strict=True))
    }


def _are_cut(left: Strip, right: Strip) -> bool:
    if not (isinstance(left, Piece) and isinstance(right, Piece)):
        return False
    is_same = left.line is right.line and left.end == right.start
    return is_same and is_through(left.line, right.start)


def _widened(part: Strip, column: int, begins_later: bool, ends_later: bool) -> Strip:
    if not isinstance(part, Piece) or not (begins_later or ends_later):
        return part
    start, end = part.start + begins_later, part.end + ends_later
    whole = Piece.of(part.line, start, part.line.crop(start, end))
    return Later.of(column + 1, whole) if begins_later else whole
