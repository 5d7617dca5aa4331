"""Pictures as plain data: shapes with a place and a style, which a template writes as SVG.

Every text of a picture passes the template's escaping, and every colour comes from the style
sheet, so that a picture fits light, dark and paper.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

Anchor = Literal["start", "mid", "end"]
Point = tuple[float, float]
_WIDE = 11.5
_NARROW = 6.2


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One element of a picture; `style` names classes of the style sheet, `tip` says more."""

    tag: Literal["line", "rect", "circle", "path", "text"]
    style: str
    at: dict[str, float | str]
    text: str = ""
    tip: str = ""


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """A picture; `label` is what it shows, for those who do not see it."""

    label: str
    width: float
    height: float
    shapes: tuple[Shape, ...]
    caption: str = ""


def line(start: Point, end: Point, style: str) -> Shape:
    """A straight line."""
    (x1, y1), (x2, y2) = start, end
    place = {"x1": _short(x1), "y1": _short(y1), "x2": _short(x2), "y2": _short(y2)}
    return Shape(tag="line", style=style, at=dict(place))


def rect(
    corner: Point, size: Point, style: str, *, opacity: float | None = None, tip: str = ""
) -> Shape:
    """A rectangle, from its upper left corner; never of negative size."""
    place: dict[str, float | str] = {
        "x": _short(corner[0]),
        "y": _short(corner[1]),
        "width": _short(max(0.0, size[0])),
        "height": _short(max(0.0, size[1])),
    }
    if opacity is not None:
        place["fill-opacity"] = round(opacity, 3)
    return Shape(tag="rect", style=style, at=place, tip=tip)


def circle(middle: Point, radius: float, style: str, tip: str = "") -> Shape:
    """A circle or a dot."""
    place = {"cx": _short(middle[0]), "cy": _short(middle[1]), "r": _short(radius)}
    return Shape(tag="circle", style=style, at=dict(place), tip=tip)


def path(points: Iterable[Point | None], style: str) -> Shape:
    """A line through `points`, which None interrupts."""
    parts, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        parts.append(f"{pen}{_short(point[0]):g} {_short(point[1]):g}")
        pen = "L"
    return Shape(tag="path", style=style, at={"d": "".join(parts) or "M0 0"})


def text(place: Point, words: str, style: str = "", anchor: Anchor = "start") -> Shape:
    """Words; `anchor` says which part of them is at `place`."""
    at = {"x": _short(place[0]), "y": _short(place[1])}
    return Shape(tag="text", style=f"{anchor} {style}".strip(), at=dict(at), text=words)


def text_width(words: str) -> float:
    """About how wide `words` are; Chinese characters are twice as wide."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in words)
    return wide * _WIDE + (len(words) - wide) * _NARROW


def cropped(words: str, width: float) -> str:
    """`words`, or as much of their start as fits, then an ellipsis."""
    if text_width(words) <= width:
        return words
    while words and text_width(words + "…") > width:
        words = words[:-1]
    return words.rstrip() + "…"


def number(value: float) -> str:
    """A measured value with four significant digits."""
    return f"{value:.4g}"


def legend(names: Sequence[tuple[str, str]], left: float, y: float) -> list[Shape]:
    """A line of samples with their names, as (style, name)."""
    shapes, x = [], left
    for style, name in names:
        shapes += [line((x, y - 4), (x + 16, y - 4), style), text((x + 21, y), name, "small")]
        x += 21 + text_width(name) + 18
    return shapes


def _short(value: float) -> float:
    return round(value, 1)
