"""A metric on a ruler: the five marks, the model, and the predictors that learn nothing.

To the right is always better. Predictors far below the marks stand at the left end, with an
arrow: drawn to scale they would press the marks together.
"""

from collections.abc import Iterator, Sequence

from engine.grading.evidence import Baseline
from engine.report.drawing import Drawing, Shape, circle, cropped, line, number, path, rect, text
from engine.report.plots.axis import Axis
from engine.report.words import Words
from exam_bank.phrase import phrase
from exam_bank.task import MarkScheme

_WIDTH, _NAMES, _RIGHT = 720.0, 240.0, 64.0
_TOP, _ROW, _FOOT = 24.0, 22.0, 24.0
_ROOM = 0.35
_MOST_ROWS = 12


def ruler(
    scheme: MarkScheme,
    metric: str,
    value: float | None,
    baselines: Sequence[Baseline],
    words: Words,
) -> Drawing:
    """The ruler of a task; without a `value` only the marks and the baselines.

    `metric` and the baselines' names are in words already.
    """
    rows: list[tuple[str, float, str]] = []
    if value is not None:
        rows.append((words.say(phrase("your best model")), value, "model"))
    rows += [(each.name, each.value, each.kind) for each in baselines[:_MOST_ROWS]]
    across = _axis(scheme, value)
    bottom = _TOP + _ROW * max(1, len(rows))
    shapes = [*_zones(scheme, across, bottom), *_marks(scheme, across, bottom)]
    for place, (name, each, style) in enumerate(rows):
        shapes += _row(name, each, style, across, _TOP + _ROW * (place + 0.5))
    better = words.say(phrase("better →"))
    shapes.append(text((across.end, bottom + 16), better, "small quiet", "end"))
    return Drawing(
        label=words.say(phrase("The metric and its five marks")),
        width=_WIDTH,
        height=bottom + _FOOT,
        shapes=tuple(shapes),
        caption=_caption(scheme, metric),
    )


def _caption(scheme: MarkScheme, metric: str) -> str:
    sign = "≥" if scheme.direction == "higher" else "≤"
    steps = " · ".join(
        f"{score}: {sign} {number(each)}" for score, each in enumerate(scheme.thresholds, start=1)
    )
    return f"{metric}: {steps}"


def _axis(scheme: MarkScheme, value: float | None) -> Axis:
    """From a little below one point to a little above five, and to the model if it is near."""
    worst, best = scheme.thresholds[0], scheme.thresholds[-1]
    span = (best - worst) or abs(best) or 1.0
    left, right = worst - _ROOM * span, best + _ROOM * span
    if value is not None:
        part = (value - worst) / span
        if -1 < part < 2:
            left = value - 0.1 * span if part < -_ROOM else left
            right = value + 0.1 * span if part > 1 + _ROOM else right
    return Axis(left, right, _NAMES, _WIDTH - _RIGHT)


def _zones(scheme: MarkScheme, across: Axis, bottom: float) -> Iterator[Shape]:
    edges = [*map(across.at, scheme.thresholds), across.end]
    for score in range(1, 6):
        width = edges[score] - edges[score - 1]
        size = (width, bottom - _TOP)
        yield rect((edges[score - 1], _TOP), size, "zone", opacity=0.06 * score)


def _marks(scheme: MarkScheme, across: Axis, bottom: float) -> Iterator[Shape]:
    drawn: list[float] = []
    for score, threshold in enumerate(scheme.thresholds, start=1):
        x = across.at(threshold)
        yield line((x, _TOP - 4), (x, bottom), "threshold")
        # Coarse schemes repeat a threshold: the higher score counts.
        repeats = threshold in scheme.thresholds[score:]
        if not repeats:
            drawn.append(x)
            yield text((x, _TOP - 9), str(score), "small strong", "mid")


def _row(name: str, value: float, style: str, across: Axis, y: float) -> Iterator[Shape]:
    x = across.at(value)
    yield text((0, y + 4), cropped(name, _NAMES - 14), "small")
    yield line((across.start, y), (across.end, y), "grid")
    if style == "model":
        yield path([(x, y - 8), (x + 7, y), (x, y + 8), (x - 7, y), (x, y - 8)], "model")
    else:
        yield circle((x, y), 5, f"baseline {'linear' if style == 'linear' else 'trivial'}")
    outside = _arrow(value, across)
    shown = f"{outside} {number(value)}".strip()
    if outside == "→":
        yield text((x - 11, y + 4), shown, "small halo", "end")
    else:
        yield text((x + 11, y + 4), shown, "small halo")


def _arrow(value: float, across: Axis) -> str:
    """Where the value really lies, if that is outside of the ruler."""
    low, high = sorted((across.low, across.high))
    if low <= value <= high:
        return ""
    rises = across.high > across.low
    return "←" if (value < low) == rises else "→"
