"""Evidence of a model that forecasts: each step, each channel, and the worst windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.locale import _, ngettext
from tui.text.charts import BROKEN, plot
from tui.text.format import bar, number_text, whole_percents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.grading.evidence import ErrorShares, ForecastWindow, SeriesEvidence

_QUIET = "$foreground-muted"
_ROWS, _CELLS = 9, 72
_MOST_CHANNELS, _MOST_WINDOWS = 12, 3
_BAR_CELLS = 20
# Of the past as many steps as are forecast, and at least this many.
_LEAST_PAST = 12


def by_step(found: SeriesEvidence, width: int) -> list[Content]:
    """The error of each step ahead, beside that of the last value seen."""
    first, last = found.steps[0], found.steps[-1]
    if len(found.steps) == 1:
        return [Content(_("One step ahead: {error}.").format(error=number_text(first)))]
    legend = _("─ your model: from {first} to {last}").format(
        first=number_text(first), last=number_text(last)
    )
    if found.last_value:
        legend += "   " + _("{mark} the last value again").format(mark=BROKEN)
    ends = (_("1 step ahead"), str(len(found.steps)))
    body = plot(found.steps, found.last_value, ends, min(width, _CELLS), _ROWS)
    return [Content(legend).truncate(width, ellipsis=True), *body]


def by_channel(found: SeriesEvidence) -> list[Content]:
    """The error of each channel, the largest first."""
    most = max(found.channels) or 1.0
    rows = sorted(enumerate(found.channels, 1), key=lambda row: -row[1])[:_MOST_CHANNELS]
    return [
        Content.assemble(
            _("channel {number}").format(number=f"{number:>2}"),
            " ",
            (bar(error / most, _BAR_CELLS)[0], "$primary"),
            (bar(error / most, _BAR_CELLS)[1], _QUIET),
            (f" {number_text(error)}", "bold"),
        )
        for number, error in rows
    ]


def share_sentences(shares: ErrorShares) -> Iterator[str]:
    """What the error consists of."""
    level, lag, shape = whole_percents((shares.level, shares.lag, shares.shape))
    yield _("Of the squared error {level} % is level: whole forecasts too high or too low.").format(
        level=level
    )
    if lag:
        steps = abs(shares.steps)
        late = ngettext(
            "{lag} % is lag: forecasts come {n} step late.",
            "{lag} % is lag: forecasts come {n} steps late.",
            steps,
        )
        early = ngettext(
            "{lag} % is lag: forecasts come {n} step early.",
            "{lag} % is lag: forecasts come {n} steps early.",
            steps,
        )
        yield (late if shares.steps > 0 else early).format(lag=lag, n=steps)
    yield _("{shape} % is shape: neither of these.").format(shape=shape)


def windows(found: SeriesEvidence, width: int) -> list[Content]:
    """The worst windows and one in the middle: what came, and what the model said."""
    several = len(found.channels) > 1
    legend = _("─ what came   {mark} forecast").format(mark=BROKEN)
    lines = [Content.styled(legend, _QUIET)] if len(found.steps) > 1 else []
    for number, each in enumerate(found.worst[:_MOST_WINDOWS], 1):
        lines += _window(each, _("worst {number}").format(number=number), width, several=several)
    if found.median is not None:
        lines += _window(found.median, _("in the middle"), width, several=several)
    return lines


def _window(each: ForecastWindow, name: str, width: int, *, several: bool) -> list[Content]:
    past = each.history[-max(_LEAST_PAST, len(each.target)) :]
    title = _("Window {index}, {name}: error {error}").format(
        name=name, index=each.index, error=number_text(each.error)
    )
    if several:
        title += ", " + _("channel {number}").format(number=each.channel + 1)
    if len(each.target) == 1:
        facts = {"target": number_text(each.target[0]), "said": number_text(each.forecast[0])}
        body = [Content(_("{target} came, {said} was said").format(**facts))]
    else:
        forecast = (None,) * len(past) + each.forecast
        ends = (f"−{len(past)}" if past else "1", f"+{len(each.target)}")
        body = plot((*past, *each.target), forecast, ends, min(width, _CELLS), _ROWS)
    return [Content.styled(title, "bold").truncate(width, ellipsis=True), *body]
