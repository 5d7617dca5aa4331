"""Lines and bars over two axes: the frame that most pictures share."""

from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec

from engine.report.drawing import (
    Drawing,
    Point,
    Shape,
    legend,
    line,
    number,
    path,
    rect,
    text,
    text_width,
)
from engine.report.plots.axis import Axis, bounds

_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 12.0, 26.0, 40.0
_MOST_LABELS = 12


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a chart; a missing value interrupts it. `style` is a class of the sheet."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[float | None, ...]
    style: str = "trace-a"

    def points(self, across: Axis, up: Axis) -> list[Point | None]:
        """Where its values are."""
        return [
            None if y is None else (across.at(x), up.at(y))
            for x, y in zip(self.xs, self.ys, strict=True)
        ]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What is written around a chart, and its size."""

    label: str
    x_name: str = ""
    y_name: str = ""
    width: float = 420.0
    height: float = 240.0
    zero: bool = False
    caption: str = ""


def line_chart(frame: Frame, traces: Sequence[Trace], square: bool = False) -> Drawing:
    """Traces over common axes; with `square` both run from 0 to 1, with their diagonal."""
    across, up = _axes(frame, traces, square)
    shapes = [*_grid(frame, across, up), *_numbers(across, frame)]
    if square:
        shapes.append(line((across.start, up.start), (across.end, up.end), "guide"))
    shapes += [path(each.points(across, up), each.style) for each in traces]
    # A trace of one point would be no line.
    shapes += [
        rect((point[0] - 2, point[1] - 2), (4, 4), each.style + " dot")
        for each in traces
        for point in each.points(across, up)
        if point is not None and len(each.xs) == 1
    ]
    named = [(each.style, each.name) for each in traces if each.name]
    left = max(_LEFT, text_width(frame.y_name) + 14)
    return _drawing(frame, [*shapes, *legend(named, left, 14)])


def bar_chart(
    frame: Frame, bars: Sequence[tuple[str, float | None]], style: str = "bar-a"
) -> Drawing:
    """A bar for each name; a missing value has none."""
    low, high = bounds([value for _name, value in bars], zero=True)
    across = Axis(0, max(1, len(bars)), _LEFT, frame.width - _RIGHT)
    up = Axis(low, high, frame.height - _BOTTOM, _TOP)
    shapes = list(_grid(frame, across, up))
    step = (across.end - across.start) / max(1, len(bars))
    for place, (name, value) in enumerate(bars):
        if value is not None:
            shapes.append(_bar(across.at(place), step, up, value, style, name))
    shapes += _bar_names([name for name, _value in bars], across, step, frame)
    return _drawing(frame, shapes)


def _bar(x: float, step: float, up: Axis, value: float, style: str, name: str) -> Shape:
    top, bottom = sorted((up.at(value), up.at(0.0)))
    tip = f"{name}: {number(value)}"
    return rect((x + step * 0.14, top), (step * 0.72, bottom - top), style, tip=tip)


def _bar_names(names: Sequence[str], across: Axis, step: float, frame: Frame) -> Iterator[Shape]:
    every = -(-len(names) // _MOST_LABELS) or 1
    for place, name in enumerate(names):
        if place % every == 0:
            x = across.at(place) + step / 2
            yield text((x, frame.height - _BOTTOM + 15), name, "small", "mid")


def _axes(frame: Frame, traces: Sequence[Trace], square: bool) -> tuple[Axis, Axis]:
    right, bottom = frame.width - _RIGHT, frame.height - _BOTTOM
    if square:
        return Axis(0, 1, _LEFT, right), Axis(0, 1, bottom, _TOP)
    xs = bounds(chain.from_iterable(each.xs for each in traces))
    ys = bounds(chain.from_iterable(each.ys for each in traces), zero=frame.zero)
    return Axis(*xs, _LEFT, right), Axis(*ys, bottom, _TOP)


def _grid(frame: Frame, across: Axis, up: Axis) -> Iterator[Shape]:
    for value in up.ticks(4):
        y = up.at(value)
        yield line((across.start, y), (across.end, y), "grid")
        yield text((across.start - 6, y + 4), number(value), "small", "end")
    yield text((across.end, frame.height - 6), frame.x_name, "small quiet", "end")
    yield text((2, 14), frame.y_name, "small quiet")


def _numbers(across: Axis, frame: Frame) -> Iterator[Shape]:
    for value in across.ticks(6):
        place = (across.at(value), frame.height - _BOTTOM + 15)
        yield text(place, number(value), "small", "mid")


def _drawing(frame: Frame, shapes: Sequence[Shape]) -> Drawing:
    return Drawing(
        label=frame.label,
        width=frame.width,
        height=frame.height,
        shapes=tuple(shapes),
        caption=frame.caption,
    )
