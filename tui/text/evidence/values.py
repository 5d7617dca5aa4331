"""Evidence of a model that gives values: where it errs, to which side, and what would mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from exam_bank.proof.digits import telling
from tui.locale import _
from tui.text.charts import scatter
from tui.text.evidence.lines import signed
from tui.text.format import bar, number_text, score_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.grading.evidence import ErrorBin, Evidence, FeatureErrors, ValueEvidence

_QUIET = "$foreground-muted"
_BAR_CELLS = 12
_MOST_COLUMNS, _MOST_WORST = 3, 6
_PLOT_ROWS, _PLOT_CELLS = 14, 64
# An affine correction is worth naming if it leaves less than this share of the error.
_MENDS = 0.9


def sentences(evidence: Evidence, found: ValueEvidence) -> Iterator[str]:
    """Mean error, its sign, and what a correction of the outputs would give."""
    yield _side(found)
    affine, value = found.affine, evidence.metric.value
    if affine is None or value is None:
        return
    figure = telling(affine.value, evidence.scheme.thresholds)
    facts = {
        "slope": number_text(affine.slope),
        "intercept": number_text(affine.intercept),
        "value": figure,
        "score": score_text(affine.score),
    }
    if affine.value < _MENDS * value:
        yield _(
            "Its outputs times {slope}, plus {intercept}, would get {value}, so {score}: much of "
            "the error is the scale of the outputs."
        ).format(**facts)
    else:
        yield _(
            "Another scale would not help: the best line through its outputs gets {value}, so "
            "{score}."
        ).format(**facts)


def _side(found: ValueEvidence) -> str:
    bias, size = found.bias, number_text(abs(found.bias))
    if abs(bias) < 0.1 * found.error:
        return _("It errs to both sides alike: on average by {bias}.").format(bias=signed(bias))
    if bias > 0:
        return _("On average it says {size} too much.").format(size=size)
    return _("On average it says {size} too little.").format(size=size)


def error_bars(bins: Sequence[ErrorBin], width: int) -> list[Content]:
    """Mean absolute error and bias of each range."""
    most = max((each.error for each in bins), default=0.0) or 1.0
    ranges = [f"{number_text(each.low)} – {number_text(each.high)}" for each in bins]
    cells = min(22, max(map(len, ranges), default=0))
    wide = max(4, min(_BAR_CELLS * 2, width - cells - 26))
    bias = _("bias")
    return [
        Content.assemble(
            f"{name:>{cells}} ",
            (bar(each.error / most, wide)[0], "$primary"),
            (bar(each.error / most, wide)[1], _QUIET),
            (f" {number_text(each.error):<7}", "bold"),
            (f" {bias} {signed(each.bias)}", _QUIET),
        )
        for name, each in zip(ranges, bins, strict=True)
    ]


def columns(found: Sequence[FeatureErrors], width: int) -> list[Content]:
    """The columns along which the error changes most, each in ranges."""
    lines: list[Content] = []
    for each in sorted(found, key=_uneven, reverse=True)[:_MOST_COLUMNS]:
        title = _("by column {number} of the inputs").format(number=each.column + 1)
        lines += [Content.styled(title, "bold"), *error_bars(each.bins, width)]
    return lines


def _uneven(found: FeatureErrors) -> float:
    errors = [each.error for each in found.bins]
    return max(errors) / (sum(errors) / len(errors) or 1.0) if errors else 0.0


def worst(found: ValueEvidence, width: int) -> list[Content]:
    """The examples with the largest errors."""
    lines = []
    for each in found.worst[:_MOST_WORST]:
        text = _("#{index}: {target}, said {said}").format(
            index=each.index,
            target=number_text(each.target),
            said=number_text(each.predicted),
        )
        inputs = " ".join(f"{number:.4g}" for number in each.shown.numbers)
        tail = Content.styled(f"  ← {inputs}", _QUIET) if inputs else Content("")
        lines.append(Content.assemble(text, tail).truncate(width, ellipsis=True))
    return lines


def plot_of(found: ValueEvidence, width: int) -> list[Content]:
    """What the model says over what is so."""
    labels = (_("target"), _("model"))
    return scatter(found.points, labels, min(width, _PLOT_CELLS), _PLOT_ROWS)
