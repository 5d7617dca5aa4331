"""Draws training curves with characters: a line of dots for training, o's for validation.

Braille characters hold two by four dots a cell, so a curve reads well in a few lines; the
second series differs in shape, so that nothing hangs on colour. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from engine.machine.curves import Curve, Pair, Series
from tui.text.format import fit, number_text, spread

LINE, MARK = "─", "o"
_LINE_STYLE, _MARK_STYLE, _QUIET = "$text-primary", "bold $text-warning", "$foreground-muted"
_SCALE_CELLS = 7
_SMALLEST = (16, 4)

# The dot of column x and row y within a braille cell, as its bit.
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


@dataclass(frozen=True)
class Scale:
    """The range of values a chart shows."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> "Scale":
        """A scale that holds every known value; never of height 0."""
        known = [each for each in values if each is not None]
        low, high = min(known, default=0.0), max(known, default=1.0)
        if low == high:
            margin = abs(low) * 0.1 or 0.5
            return cls(low - margin, high + margin)
        return cls(low, high)

    def place(self, value: float, steps: int) -> int:
        """Where `value` lies among `steps` rows, 0 at the top."""
        part = (value - self.low) / (self.high - self.low)
        return round((1.0 - part) * (steps - 1))


def chart(pair: Pair, epochs: Sequence[int], width: int, height: int) -> list[Content]:
    """The lines of one chart, exactly `height` of `width` cells; [] where there is no room."""
    if width < _SMALLEST[0] or height < _SMALLEST[1]:
        return []
    columns, rows = width - _SCALE_CELLS - 1, height - 2
    series = [pair.training, *([pair.validation] if pair.validation else [])]
    scale = Scale.of(value for each in series for value in each.values)
    lines = _braille(pair.training.values, scale, columns, rows)
    marks = _marks(pair.validation, scale, columns, rows)
    drawn = [_row(line, marks.get(y, {})) for y, line in enumerate(lines)]
    return [
        _legend(pair, width),
        *(_with_scale(y, rows, line, scale) for y, line in enumerate(drawn)),
        _axis(epochs, columns),
    ]


def _legend(pair: Pair, width: int) -> Content:
    parts: list[tuple[str, str]] = [
        (f"{LINE} {pair.name} ", _LINE_STYLE),
        (_figure(pair.training), f"bold {_LINE_STYLE}"),
    ]
    if pair.validation is not None:
        parts += [
            (f"  {MARK} val ", _MARK_STYLE),
            (_figure(pair.validation), _MARK_STYLE),
        ]
    return Content.assemble(*parts).truncate(width, ellipsis=True)


def _figure(series: Series) -> str:
    return "n/a" if series.last is None else number_text(series.last)


def _with_scale(y: int, rows: int, line: Content, scale: Scale) -> Content:
    label = number_text(scale.high) if y == 0 else number_text(scale.low) if y == rows - 1 else ""
    short = label if cell_len(label) <= _SCALE_CELLS else fit(label, _SCALE_CELLS)
    return Content.assemble((f"{short:>{_SCALE_CELLS}}│", _QUIET), line)


def _axis(epochs: Sequence[int], columns: int) -> Content:
    first, last = str(epochs[0]), str(epochs[-1])
    text = spread(first, last if len(epochs) > 1 else "", columns)
    return Content.styled(" " * _SCALE_CELLS + "└" + text, _QUIET)


def _row(line: str, marks: dict[int, str]) -> Content:
    """A row of braille with the marks of the other series over it."""
    parts: list[tuple[str, str]] = []
    for x, letter in enumerate(line):
        parts.append((marks[x], _MARK_STYLE) if x in marks else (letter, _LINE_STYLE))
    return Content.assemble(*_merged(parts))


def _merged(parts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Neighbours of one style as one span: fewer bytes to the terminal."""
    text, style = "", ""
    for letters, own in parts:
        if own != style and text:
            yield text, style
            text = ""
        text, style = text + letters, own
    if text:
        yield text, style


def _braille(values: Sequence[float | None], scale: Scale, columns: int, rows: int) -> list[str]:
    cells = [[0] * columns for _ in range(rows)]
    before: tuple[int, int] | None = None
    for place, value in enumerate(values):
        if value is None:
            before = None
            continue
        x = _across(place, len(values), columns * 2)
        y = scale.place(value, rows * 4)
        for dot_x, dot_y in _line(before or (x, y), (x, y)):
            cells[dot_y // 4][dot_x // 2] |= _DOTS[dot_x % 2][dot_y % 4]
        before = (x, y)
    return ["".join(chr(0x2800 + bits) if bits else " " for bits in row) for row in cells]


def _across(place: int, count: int, steps: int) -> int:
    """Where the value at `place` of `count` lies among `steps` columns."""
    return 0 if count < 2 else round(place / (count - 1) * (steps - 1))


def _line(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    (x0, y0), (x1, y1) = start, end
    steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in range(steps + 1):
        yield x0 + round((x1 - x0) * step / steps), y0 + round((y1 - y0) * step / steps)


def _marks(
    series: Series | None, scale: Scale, columns: int, rows: int
) -> dict[int, dict[int, str]]:
    """Row → column → mark: one mark in every other column at most, the newest always."""
    found: dict[int, dict[int, str]] = {}
    taken: set[int] = set()
    values = series.values if series else ()
    for place, value in reversed(list(enumerate(values))):
        x = _across(place, len(values), columns)
        if value is not None and not taken & {x - 1, x, x + 1}:
            taken.add(x)
            found.setdefault(scale.place(value, rows), {})[x] = MARK
    return found


def charts(curve: Curve, width: int, height: int) -> list[Content]:
    """The loss and the first other quantity: side by side where that fits, or one on the other."""
    pairs = curve.pairs[:2]
    half = (width - 2) // 2
    if len(pairs) == 2 and half >= 30:
        left, right = (chart(each, curve.epochs, half, height) for each in pairs)
        gap = Content(" " * (width - 2 * half))
        return [
            Content.assemble(a.pad_right(max(0, half - a.cell_length)), gap, b)
            for a, b in zip(left, right, strict=True)
        ]
    if len(pairs) == 2 and height >= 2 * 6 + 1:
        upper = height // 2
        return [
            *chart(pairs[0], curve.epochs, width, upper),
            *chart(pairs[1], curve.epochs, width, height - upper),
        ]
    return [line for each in pairs[:1] for line in chart(each, curve.epochs, width, height)]
