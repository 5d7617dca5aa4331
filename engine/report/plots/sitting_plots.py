"""The pictures of a sitting: the total as a ring, where the time went, attempts over time."""

import math
from collections.abc import Iterator, Sequence

import msgspec

from engine.marking import MAX_SCORE
from engine.report.drawing import Drawing, Shape, circle, cropped, line, path, rect, text
from engine.report.plots.axis import Axis
from engine.report.words import Words
from exam_bank.phrase import phrase

_WIDTH = 720.0
_NAMES = 150.0
_RIGHT = 16.0
_LANE = 46.0
_TOP = 8.0
_FOOT = 26.0
_BAR = 30.0
_RING = 60.0
_MINUTES = (5, 10, 15, 30, 60, 120, 240)
_MOST_HOURS_MARKS = 8


class LaneMark(msgspec.Struct, frozen=True, kw_only=True):
    """A submission on its lane: when, its score if it has one, and what is said on it."""

    seconds: float
    score: int | None
    tone: str
    tip: str


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """The submissions of one task, oldest first."""

    name: str
    marks: tuple[LaneMark, ...]


class TimeShare(msgspec.Struct, frozen=True, kw_only=True):
    """The exam time spent on one task; `category` is 0 for time spent on none."""

    category: int
    name: str
    seconds: float


def ring(percent: float, label: str) -> Drawing:
    """A ring that is filled clockwise from the top, with the total in it."""
    middle = (_RING, _RING)
    shapes = [circle(middle, 48, "ring-open")]
    if percent >= 100:
        shapes.append(circle(middle, 48, "ring-won"))
    elif percent > 0:
        shapes.append(path(_arc(percent / 100, 48), "ring-won"))
    shapes.append(text((_RING, _RING + 9), f"{math.floor(percent + 1e-9)} %", "ring-text", "mid"))
    return Drawing(label=label, width=2 * _RING, height=2 * _RING, shapes=tuple(shapes))


def _arc(part: float, radius: float) -> list[tuple[float, float]]:
    steps = max(2, round(part * 120))
    turns = (2 * math.pi * part * step / steps for step in range(steps + 1))
    return [(_RING + radius * math.sin(t), _RING - radius * math.cos(t)) for t in turns]


def time_bar(shares: Sequence[TimeShare], words: Words) -> Drawing:
    """One bar: the parts of the time used that each task took."""
    whole = sum(each.seconds for each in shares) or 1.0
    shapes, x = [], 0.0
    for each in shares:
        width = _WIDTH * each.seconds / whole
        tip = f"{each.name}: {clock(each.seconds)}"
        shapes.append(
            rect((x, 0), (max(0.0, width - 1.5), _BAR), f"time c{each.category}", tip=tip)
        )
        if width > 22 and each.category:
            shapes.append(text((x + width / 2, 20), str(each.category), "on-colour", "mid"))
        x += width
    label = words.say(phrase("Where the time went, by category"))
    free = sum(each.seconds for each in shares if not each.category)
    caption = words.say(phrase("Grey: {time} on no category.", time=clock(free))) if free else ""
    return Drawing(label=label, width=_WIDTH, height=_BAR, shapes=tuple(shapes), caption=caption)


def attempts(lanes: Sequence[Lane], seconds: float, words: Words) -> Drawing:
    """A lane for each task: its submissions with their scores, and the best score so far."""
    across = Axis(0, max(60.0, seconds), _NAMES, _WIDTH - _RIGHT)
    height = _TOP + _LANE * len(lanes) + _FOOT
    shapes = list(_hours(across, height))
    for place, lane in enumerate(lanes):
        shapes += _lane(lane, across, _TOP + _LANE * place)
    return Drawing(
        label=words.say(phrase("Submissions over the time of the sitting, by task")),
        width=_WIDTH,
        height=height,
        shapes=tuple(shapes),
        caption=words.say(
            phrase(
                "Exam time in hours and minutes. A number is a score, × a model without points "
                "or without a score; the line is the best score so far."
            )
        ),
    )


def _hours(across: Axis, height: float) -> Iterator[Shape]:
    minutes = across.high / 60
    step = next((each for each in _MINUTES if minutes / each <= _MOST_HOURS_MARKS), 480)
    for minute in range(0, math.floor(minutes) + 1, step):
        x = across.at(minute * 60)
        yield line((x, _TOP), (x, height - _FOOT), "grid")
        yield text((x, height - 8), f"{minute // 60}:{minute % 60:02}", "small", "mid")


def _lane(lane: Lane, across: Axis, top: float) -> Iterator[Shape]:
    up = Axis(0, MAX_SCORE, top + _LANE - 8, top + 8)
    yield line((across.start, up.start), (across.end, up.start), "axis")
    yield text((0, top + _LANE / 2 + 4), cropped(lane.name, _NAMES - 12))
    yield path(_best_so_far(lane, across, up), "best")
    for mark in lane.marks:
        place = (across.at(mark.seconds), up.at(mark.score or 0))
        yield circle(place, 7.5, f"mark {mark.tone}", tip=mark.tip)
        yield text((place[0], place[1] + 3.8), str(mark.score or "×"), "mark-text", "mid")


def _best_so_far(lane: Lane, across: Axis, up: Axis) -> list[tuple[float, float] | None]:
    best, points = 0, [(across.start, up.start)]
    for mark in lane.marks:
        score = mark.score or 0
        if score > best:
            x = across.at(mark.seconds)
            points += [(x, up.at(best)), (x, up.at(score))]
            best = score
    return [*points, (across.end, up.at(best))]


def clock(seconds: float) -> str:
    """Exam time as H:MM:SS, rounded down."""
    whole = max(0, math.floor(seconds + 1e-6))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
