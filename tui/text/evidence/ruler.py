"""The metric on a ruler with its five marks, beside predictors that learn nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from engine.coaching.baselines import LINEAR
from engine.marking import MAX_SCORE
from engine.marking import score as score_of
from exam_bank.printable import printable
from exam_bank.proof.digits import telling
from tui.locale import N_, _
from tui.text.evidence.lines import wrapped
from tui.text.format import score_text
from tui.text.verdicts import TONES, score_tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.grading.evidence import Baseline
    from exam_bank.task import MarkScheme

METRICS = {
    "accuracy": N_("accuracy"),
    "balanced_accuracy": N_("balanced accuracy"),
    "f1": N_("F1 of class 1"),
    "mae": N_("mean absolute error"),
    "relative_mae": N_("error in units of the baseline"),
}
# The usual predictors of proofs; others are named as the proof names them.
_NAMES = {
    "majority": N_("always the most frequent class"),
    "minority": N_("always the rarest class"),
    "one class": N_("always one class"),
    "class shares": N_("classes at random, by their shares"),
    "nearest mean": N_("the class whose mean is nearest"),
    "single word": N_("one telling word"),
    "length": N_("by the length of the text"),
    "median": N_("always the median"),
    "mean": N_("always the mean"),
    "one column": N_("by one column"),
    "two columns": N_("by two columns"),
    "mean colour": N_("by the mean colour"),
    "mean brightness": N_("by the mean brightness"),
    "last value": N_("the last value again"),
    "last values again": N_("the last values again"),
    "last + k·change": N_("the last value and its change"),
    "drift": N_("the line through first and last"),
    "window mean": N_("a mean of what was shown"),
    "window median": N_("the median of what was shown"),
    "seasonal repeat": N_("the last period again"),
    "seasonal mean": N_("the mean of all periods"),
}
_MODEL, _LETTERS = "▲", "abcdefgh"
_QUIET = "$foreground-muted"
# Of the width between the first mark and the last, what is shown beyond either.
_BEYOND = 0.25
_LONGEST_NAME = 60


def ruler(
    value: float, scheme: MarkScheme, baselines: Sequence[Baseline], width: int
) -> list[Content]:
    """Marks, axis, pointers and their legend; better is further right."""
    scale = _Places(scheme, value, max(20, min(width, 100)))
    marks = {scale.of(at): str(points) for points, at in enumerate(scheme.thresholds, 1)}
    pointers = {
        scale.of(each.value): letter
        for each, letter in reversed(list(zip(baselines, _LETTERS, strict=False)))
    }
    score = score_of(value, scheme)
    model = f"bold {TONES[score_tone(score)]}"
    pointers[scale.of(value)] = _MODEL
    axis = "".join("┼" if x in marks else "─" for x in range(scale.columns))
    return [
        Content.styled(_row(marks, scale.columns), "bold"),
        Content.styled(axis, _QUIET),
        Content.assemble(
            *(
                (letter, model if letter == _MODEL else "bold")
                for letter in _row(pointers, scale.columns)
            )
        ),
        *_legend(value, scheme, baselines, model, width),
        *(each.stylize(_QUIET) for each in wrapped([_marks(scheme)], width)),
    ]


def name_of(baseline: Baseline) -> str:
    """What a baseline does, in words."""
    name = printable(baseline.name, _LONGEST_NAME)
    if baseline.kind == LINEAR:
        return _("the straight line ({name})").format(name=name)
    return _(_NAMES[name]) if name in _NAMES else name


class _Places:
    """Columns of the ruler."""

    def __init__(self, scheme: MarkScheme, value: float, columns: int) -> None:
        first, last = scheme.thresholds[0], scheme.thresholds[-1]
        beyond = _BEYOND * (last - first or abs(last) or 1.0)
        sign = 1 if scheme.direction == "higher" else -1
        self.columns = columns
        self._low = first - beyond
        self._high = max(last + beyond / 2, min(value, last + beyond * 4), key=lambda at: sign * at)

    def of(self, value: float) -> int:
        """The column of `value`, at an end if it is beyond it."""
        part = (value - self._low) / (self._high - self._low)
        return round(min(1.0, max(0.0, part)) * (self.columns - 1))


def _row(letters: dict[int, str], columns: int) -> str:
    return "".join(letters.get(x, " ") for x in range(columns)).rstrip()


def _legend(
    value: float, scheme: MarkScheme, baselines: Sequence[Baseline], model: str, width: int
) -> Iterator[Content]:
    """What each pointer is: its figure and score, then its name."""
    rows = [(_MODEL, value, score_of(value, scheme), _("your model"), model)]
    for letter, each in zip(_LETTERS, baselines, strict=False):
        spread = f" (± {each.spread:.2g})" if each.spread else ""
        rows.append((letter, each.value, each.score, name_of(each) + spread, "bold"))
    figures = [
        f"{telling(at, scheme.thresholds)} → {score_text(score)}" for _l, at, score, *_r in rows
    ]
    cells = max(map(len, figures))
    for (letter, _at, _score, name, style), figure in zip(rows, figures, strict=True):
        line = Content.assemble((letter, style), f" {figure:>{cells}}", f"  {name}")
        yield line.truncate(width, ellipsis=True)


def _marks(scheme: MarkScheme) -> str:
    sign = "≥" if scheme.direction == "higher" else "≤"
    steps = ", ".join(f"{at:g}" for at in scheme.thresholds)
    return _("marks 1 to {most}: {metric} {sign} {steps}").format(
        most=MAX_SCORE, metric=_(METRICS[scheme.metric]), sign=sign, steps=steps
    )
