"""The pictures of one model: training curves, and what its grade is made of."""

from collections.abc import Iterator, Sequence

from engine.grading.evidence import (
    ClassEvidence,
    ErrorBin,
    Evidence,
    FeatureErrors,
    ForecastWindow,
    SeriesEvidence,
    ValueEvidence,
)
from engine.machine.curves import Curve, Pair
from engine.report.drawing import Drawing, Shape, circle, cropped, line, number, rect, text
from engine.report.plots.axis import Axis, bounds
from engine.report.plots.charts import Frame, Trace, bar_chart, line_chart
from engine.report.words import Words
from exam_bank.phrase import phrase

_SIDE = 364.0
_LABELS = 48.0
_NUMBERED = 12
_SHOWN_WINDOWS = 2
_SHOWN_FEATURES = 3
_SQUARE = 300.0


def curves(curve: Curve, words: Words) -> list[Drawing]:
    """A picture for each quantity that a training log has."""
    return [_curve(each, curve, words) for each in curve.pairs]


def _curve(pair: Pair, curve: Curve, words: Words) -> Drawing:
    xs = tuple(map(float, curve.epochs))
    traces = [Trace(name=words.say(phrase("on the training data")), xs=xs, ys=pair.training.values)]
    if pair.validation is not None:
        name = words.say(phrase("on the validation data"))
        traces.append(Trace(name=name, xs=xs, ys=pair.validation.values, style="trace-b"))
    frame = Frame(label=pair.name, x_name=words.say(phrase("epoch")), y_name=pair.name)
    return line_chart(frame, traces)


def evidence_plots(evidence: Evidence, words: Words) -> list[Drawing]:
    """All pictures of an evidence, the most telling first."""
    drawings: list[Drawing] = []
    if evidence.classes is not None:
        drawings += _of_classes(evidence.classes, words)
    if evidence.series is not None:
        drawings += _of_series(evidence.series, words)
    if evidence.values is not None:
        drawings += _of_values(evidence.values, evidence.series is not None, words)
    return drawings


def _of_classes(found: ClassEvidence, words: Words) -> Iterator[Drawing]:
    yield confusion(found, words)
    if found.calibration:
        yield _calibration(found, words)


def confusion(found: ClassEvidence, words: Words) -> Drawing:
    """A heat map: each row is a class, darker where more of it was named so."""
    titles = _titles(found, words)
    count = len(found.confusion)
    cell = _SIDE / max(1, count)
    shapes = list(_matrix_names(titles, cell))
    for row, counts in enumerate(found.confusion):
        whole = sum(counts) or 1
        for column, many in enumerate(counts):
            shapes += _cell(row, column, many, many / whole, cell, titles)
    return Drawing(
        label=words.say(phrase("Confusion matrix")),
        width=_LABELS + _SIDE + 8,
        height=_LABELS + _SIDE + 8,
        shapes=tuple(shapes),
        caption=words.say(
            phrase("Confusion matrix. Rows: what it was. Columns: what the model said.")
        ),
    )


def _titles(found: ClassEvidence, words: Words) -> list[str]:
    titles = [str(each) for each in found.classes]
    return [*titles, words.say(phrase("others"))] if found.others else titles


def _matrix_names(titles: list[str], cell: float) -> Iterator[Shape]:
    every = max(1, -(-len(titles) // 20))
    for place, title in enumerate(titles):
        if place % every:
            continue
        middle = _LABELS + cell * (place + 0.5)
        name = cropped(title, _LABELS - 10)
        yield text((_LABELS - 6, middle + 4), name, "small", "end")
        yield text((middle, _LABELS - 8), name, "small", "mid")


def _cell(
    row: int, column: int, many: int, share: float, cell: float, titles: list[str]
) -> Iterator[Shape]:
    corner = (_LABELS + cell * column, _LABELS + cell * row)
    style = "hit" if row == column else "miss"
    tip = f"{titles[row]} → {titles[column]}: {many} ({100 * share:.0f} %)"
    yield rect(corner, (cell - 1, cell - 1), "cell")
    if not many:
        return
    # Never invisible: one mistake among thousands is there to be found.
    opacity = max(0.06, 0.9 * share)
    yield rect(corner, (cell - 1, cell - 1), style, opacity=opacity, tip=tip)
    if len(titles) <= _NUMBERED:
        ink = "on-colour" if share > 0.5 else ""
        middle = (corner[0] + cell / 2, corner[1] + cell / 2 + 4)
        yield text(middle, str(many), f"small {ink}", "mid")


def _calibration(found: ClassEvidence, words: Words) -> Drawing:
    bins = [each for each in found.calibration if each.n]
    xs, ys = (tuple(each.confidence for each in bins), tuple(each.right for each in bins))
    caption = phrase("Calibration: on the diagonal the model is as often right as it is sure.")
    frame = Frame(
        label=words.say(phrase("Calibration")),
        x_name=words.say(phrase("probability it gave")),
        y_name=words.say(phrase("share right")),
        width=_SQUARE,
        height=_SQUARE,
        caption=words.say(caption),
    )
    drawn = line_chart(frame, [Trace(name="", xs=xs, ys=ys)], square=True)
    across, up = Axis(0, 1, 52, _SQUARE - 12), Axis(0, 1, _SQUARE - 40, 26)
    dots = tuple(
        circle(
            (across.at(each.confidence), up.at(each.right)),
            4,
            "dot",
            tip=f"{100 * each.right:.0f} %, n={each.n}",
        )
        for each in bins
    )
    return Drawing(
        label=drawn.label,
        width=drawn.width,
        height=drawn.height,
        shapes=(*drawn.shapes, *dots),
        caption=drawn.caption,
    )


def _of_series(found: SeriesEvidence, words: Words) -> Iterator[Drawing]:
    if len(found.steps) > 1:
        yield _steps(found, words)
    if len(found.channels) > 1:
        caption = words.say(phrase("Error by channel"))
        error = words.say(phrase("mean absolute error"))
        frame = Frame(label=caption, y_name=error, caption=caption)
        yield bar_chart(frame, [(str(n), each) for n, each in enumerate(found.channels)])
    if found.levels:
        yield _bins(found.levels, words.say(phrase("Error by the level of the target")), words)
    for window in found.worst[:_SHOWN_WINDOWS]:
        yield _window(window, False, words)
    if found.median is not None:
        yield _window(found.median, True, words)


def _steps(found: SeriesEvidence, words: Words) -> Drawing:
    xs = tuple(float(each) for each in range(1, len(found.steps) + 1))
    traces = [Trace(name=words.say(phrase("the model")), xs=xs, ys=found.steps)]
    if len(found.last_value) == len(xs):
        name = words.say(phrase("the last value again"))
        traces.append(Trace(name=name, xs=xs, ys=found.last_value, style="trace-c"))
    caption = words.say(phrase("Error by step ahead"))
    frame = Frame(
        label=caption,
        x_name=words.say(phrase("steps ahead")),
        y_name=words.say(phrase("mean absolute error")),
        zero=True,
        caption=caption,
    )
    return line_chart(frame, traces)


def _window(window: ForecastWindow, is_median: bool, words: Words) -> Drawing:
    past, ahead = len(window.history), len(window.target)
    before = tuple(float(each) for each in range(1 - past, 1))
    after = tuple(float(each) for each in range(1, ahead + 1))
    traces = [
        Trace(name=words.say(phrase("target")), xs=after, ys=window.target, style="trace-c"),
        Trace(name=words.say(phrase("forecast")), xs=after, ys=window.forecast),
    ]
    if past:
        name = words.say(phrase("what was shown"))
        traces.insert(0, Trace(name=name, xs=before, ys=window.history, style="trace-quiet"))
    which = phrase("A usual forecast") if is_median else phrase("One of the worst forecasts")
    caption = words.say(
        phrase(
            "{which}: window {index}, error {error}",
            which=which,
            index=window.index,
            error=number(window.error),
        )
    )
    return line_chart(
        Frame(label=caption, x_name=words.say(phrase("step")), caption=caption), traces
    )


def _of_values(found: ValueEvidence, is_series: bool, words: Words) -> Iterator[Drawing]:
    if found.points and not is_series:
        yield _scatter(found, words)
    if found.deciles:
        yield _bins(found.deciles, words.say(phrase("Error by tenth of the target")), words)
    if not is_series:
        yield from _by_column(found, words)


def _by_column(found: ValueEvidence, words: Words) -> Iterator[Drawing]:
    for each in _most_uneven(found.features):
        caption = phrase("Error by the range of input column {column}", column=each.column)
        yield _bins(each.bins, words.say(caption), words)


def _most_uneven(features: Sequence[FeatureErrors]) -> list[FeatureErrors]:
    """The few columns whose ranges differ most in their error."""
    useful = [each for each in features if len(each.bins) > 1]
    return sorted(useful, key=_unevenness, reverse=True)[:_SHOWN_FEATURES]


def _unevenness(feature: FeatureErrors) -> float:
    errors = [each.error for each in feature.bins]
    return max(errors) - min(errors)


def _bins(bins: tuple[ErrorBin, ...], caption: str, words: Words) -> Drawing:
    frame = Frame(label=caption, y_name=words.say(phrase("mean absolute error")), caption=caption)
    return bar_chart(frame, [(number(each.low), each.error) for each in bins])


def _scatter(found: ValueEvidence, words: Words) -> Drawing:
    low, high = bounds([each for point in found.points for each in point])
    across, up = Axis(low, high, 52, _SQUARE - 12), Axis(low, high, _SQUARE - 40, 26)
    shapes: list[Shape] = [line((across.start, up.start), (across.end, up.end), "guide")]
    for value in across.ticks(4):
        shapes.append(line((across.at(value), up.start), (across.at(value), up.end), "grid"))
        shapes.append(text((across.at(value), up.start + 15), number(value), "small", "mid"))
        shapes.append(text((across.start - 6, up.at(value) + 4), number(value), "small", "end"))
    shapes += [
        circle((across.at(target), up.at(said)), 2.2, "point") for target, said in found.points
    ]
    target, output = words.say(phrase("target")), words.say(phrase("output"))
    shapes.append(text((across.end, _SQUARE - 6), target, "small quiet", "end"))
    shapes.append(text((2, 16), output, "small quiet"))
    caption = words.say(phrase("Outputs against targets: on the diagonal they agree."))
    return Drawing(
        label=caption, width=_SQUARE, height=_SQUARE, shapes=tuple(shapes), caption=caption
    )
