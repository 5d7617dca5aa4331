"""Draws with braille characters: training curves, and a share as a ring. Pure.

Each braille character holds two by four dots, so a curve or a ring is readable in a few lines.
Things differ in shape as well as colour: training is an unbroken line, validation a
broken one; the points won are a broad band, the rest a thin line.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from engine.machine.curves import Curve, Pair, Series
from tui.text.format import fit, number_text, spread

LINE, BROKEN = "─", "┄"
_LINE_STYLE, _BROKEN_STYLE, _QUIET = "$text-primary", "bold $text-warning", "$foreground-muted"
# Dots of the broken line, then of its gap.
_DASH, _GAP = 4, 3
_SCALE_CELLS = 7
_SMALLEST = (16, 4)
# Two charts: cells between them, least width of each side by side, least height of both.
_BESIDE, _LEAST_BESIDE, _LEAST_ABOVE = 2, 30, 13

# The bit of the dot in column x and row y. The fourth row was added to braille later, hence its
# bits: https://www.unicode.org/charts/PDF/U2800.pdf
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_NO_DOT = 0x2800

# The ring.
_BAND = 3.0  # dots
_THIN = (1.1, 1.9)  # dots from the rim: a thin line in the middle of the band
_OPEN_STYLE = "$foreground-disabled"


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


def charts(curve: Curve, width: int, height: int) -> list[Content]:
    """The loss and the first other quantity: side by side if that fits, else stacked."""
    pairs = curve.pairs[:2]
    half, upper = (width - _BESIDE) // 2, height // 2
    if len(pairs) < 2:
        return [line for each in pairs for line in chart(each, curve.epochs, width, height)]
    if half >= _LEAST_BESIDE:
        left, right = (chart(each, curve.epochs, half, height) for each in pairs)
        gap = Content(" " * (width - 2 * half))
        return [
            Content.assemble(a.pad_right(max(0, half - a.cell_length)), gap, b)
            for a, b in zip(left, right, strict=True)
        ]
    if height < _LEAST_ABOVE:
        return chart(pairs[0], curve.epochs, width, height)
    return [
        *chart(pairs[0], curve.epochs, width, upper),
        *chart(pairs[1], curve.epochs, width, height - upper),
    ]


def chart(pair: Pair, epochs: Sequence[int], width: int, height: int) -> list[Content]:
    """One chart in exactly `height` lines of `width` cells; [] if there is no room."""
    if width < _SMALLEST[0] or height < _SMALLEST[1]:
        return []
    validation = pair.validation.values if pair.validation else ()
    ends = (str(epochs[0]), str(epochs[-1]) if len(epochs) > 1 else "")
    body = plot(pair.training.values, validation, ends, width, height - 1)
    return [_legend(pair, width), *body] if body else []


def plot(
    line: Sequence[float | None],
    second: Sequence[float | None],
    ends: tuple[str, str],
    width: int,
    height: int,
) -> list[Content]:
    """A line and a broken one over the same places, with a scale; `ends` name the axis's ends.

    Exactly `height` lines of `width` cells; [] if there is no room.
    """
    if width < _SMALLEST[0] or height < _SMALLEST[1] - 1:
        return []
    columns, rows = width - _SCALE_CELLS - 1, height - 1
    scale = Scale.of((*line, *second))
    plain = _cells(_dots(line, scale, columns * 2, rows * 4), columns, rows)
    dashes = _dashed(_dots(second, scale, columns * 2, rows * 4))
    broken = _cells(dashes, columns, rows)
    drawn = [_row(*both) for both in zip(plain, broken, strict=True)]
    return [
        *(_with_scale(y, rows, text, scale) for y, text in enumerate(drawn)),
        _axis(ends, columns),
    ]


def scatter(
    points: Sequence[tuple[float, float]], labels: tuple[str, str], width: int, height: int
) -> list[Content]:
    """Each pair (across, up) as a dot, on one scale for both; the diagonal is drawn in ·.

    `labels` name what is across and what is up.
    """
    if width < _SMALLEST[0] or height < _SMALLEST[1] or not points:
        return []
    columns, rows = width - _SCALE_CELLS - 1, height - 2
    scale = Scale.of(number for pair in points for number in pair)
    cells = _dotted(points, scale, columns, rows)
    ends = (number_text(scale.low), number_text(scale.high))
    drawn = [
        _over_diagonal(row, round((rows - 1 - y) * (columns - 1) / max(1, rows - 1)))
        for y, row in enumerate(cells)
    ]
    return [
        Content.styled(fit(f"↑ {labels[1]}   → {labels[0]}", width), _QUIET),
        *(_with_scale(y, rows, line, scale) for y, line in enumerate(drawn)),
        _axis(ends, columns),
    ]


def _dotted(
    points: Sequence[tuple[float, float]], scale: Scale, columns: int, rows: int
) -> list[list[int]]:
    """The bits of each cell, row by row."""
    cells = [[0] * columns for _ in range(rows)]
    for across, up in points:
        x = 2 * columns - 1 - scale.place(across, 2 * columns)
        y = scale.place(up, 4 * rows)
        cells[y // 4][x // 2] |= _DOTS[x % 2][y % 4]
    return cells


def _over_diagonal(row: Sequence[int], mark: int) -> Content:
    """A row of dots; where there is none on the diagonal, its mark."""
    parts = (
        ("·", _QUIET) if x == mark and not bits else (_letter(bits), _LINE_STYLE)
        for x, bits in enumerate(row)
    )
    return Content.assemble(*_merged(list(parts)))


def _legend(pair: Pair, width: int) -> Content:
    parts: list[tuple[str, str]] = [
        (f"{LINE} {pair.name} ", _LINE_STYLE),
        (_figure(pair.training), f"bold {_LINE_STYLE}"),
    ]
    if pair.validation is not None:
        parts += [
            (f"  {BROKEN} val ", _BROKEN_STYLE),
            (_figure(pair.validation), _BROKEN_STYLE),
        ]
    return Content.assemble(*parts).truncate(width, ellipsis=True)


def _figure(series: Series) -> str:
    return "n/a" if series.last is None else number_text(series.last)


def _with_scale(y: int, rows: int, line: Content, scale: Scale) -> Content:
    label = number_text(scale.high) if y == 0 else number_text(scale.low) if y == rows - 1 else ""
    short = label if cell_len(label) <= _SCALE_CELLS else fit(label, _SCALE_CELLS)
    return Content.assemble((f"{short:>{_SCALE_CELLS}}│", _QUIET), line)


def _axis(ends: tuple[str, str], columns: int) -> Content:
    text = spread(*ends, columns)
    return Content.styled(" " * _SCALE_CELLS + "└" + text, _QUIET)


def _row(plain: Sequence[int], broken: Sequence[int]) -> Content:
    """A row of braille; where both lines meet, a character has the dots of both."""
    return Content.assemble(
        *_merged(
            [
                (_letter(a | b), _BROKEN_STYLE if b else _LINE_STYLE)
                for a, b in zip(plain, broken, strict=True)
            ]
        )
    )


def _merged(parts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Neighbours of one style merged into one span: fewer bytes to the terminal."""
    text, style = "", ""
    for letters, own in parts:
        if own != style and text:
            yield text, style
            text = ""
        text, style = text + letters, own
    if text:
        yield text, style


def _cells(dots: Iterable[tuple[int, int]], columns: int, rows: int) -> list[list[int]]:
    """The bits of each braille character."""
    cells = [[0] * columns for _ in range(rows)]
    for x, y in dots:
        cells[y // 4][x // 2] |= _DOTS[x % 2][y % 4]
    return cells


def _dashed(dots: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Some of the dots, with gaps; the first and the newest always."""
    whole = list(dict.fromkeys(dots))
    last = len(whole) - 1
    return [
        dot for place, dot in enumerate(whole) if place % (_DASH + _GAP) < _DASH or place == last
    ]


def _dots(
    values: Sequence[float | None], scale: Scale, columns: int, rows: int
) -> Iterator[tuple[int, int]]:
    """The dots of the line through all values; an unknown one breaks it."""
    before: tuple[int, int] | None = None
    for place, value in enumerate(values):
        here = None
        if value is not None:
            here = _across(place, len(values), columns), scale.place(value, rows)
            yield from _line(before or here, here)
        before = here


def _letter(bits: int) -> str:
    return chr(_NO_DOT + bits) if bits else " "


def _across(place: int, count: int, steps: int) -> int:
    """The column, of `steps`, for the value at `place` of `count`."""
    return 0 if count < 2 else round(place / (count - 1) * (steps - 1))


def _line(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    (x0, y0), (x1, y1) = start, end
    steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in range(steps + 1):
        yield x0 + round((x1 - x0) * step / steps), y0 + round((y1 - y0) * step / steps)


def ring(part: float, rows: int, style: str, inside: Sequence[Content]) -> list[Content]:
    """A ring of `rows` lines and twice as many cells, filled clockwise, with `inside` in it."""
    lines = [
        Content.assemble(*(_ring_cell(x, y, rows, part, style) for x in range(2 * rows)))
        for y in range(rows)
    ]
    first = (rows - len(inside)) // 2
    for place, text in enumerate(inside, first):
        lines[place] = _over(lines[place], text)
    return lines


def _ring_cell(x: int, y: int, rows: int, part: float, style: str) -> tuple[str, str]:
    """One character, in `style` if any of its dots are won."""
    kinds = {
        _DOTS[dot_x][dot_y]: _ring_dot(2 * x + dot_x, 4 * y + dot_y, 4 * rows, part)
        for dot_x in range(2)
        for dot_y in range(4)
    }
    bits = sum(bit for bit, kind in kinds.items() if kind)
    return _letter(bits), style if "won" in kinds.values() else _OPEN_STYLE


def _ring_dot(x: int, y: int, size: int, part: float) -> str:
    """The dot at x, y in a square of `size` dots: "won", "open" or nothing."""
    middle = (size - 1) / 2
    right, up = x - middle, middle - y
    from_rim = size / 2 - math.hypot(right, up)
    # Not atan2(up, right): the angle starts at the top and grows clockwise.
    turn = (math.atan2(right, up) / (2 * math.pi)) % 1.0
    if turn < part:
        return "won" if 0 <= from_rim < _BAND else ""
    return "open" if _THIN[0] <= from_rim < _THIN[1] else ""


def _over(line: Content, text: Content) -> Content:
    """`line` with `text` over its middle."""
    start = (line.cell_length - text.cell_length) // 2
    return Content.assemble(line[:start], text, line[start + text.cell_length :])
