"""All evidence for the best model of a task as titled sections, drawn for a width."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tui.locale import _
from tui.text.evidence import classes, series, values
from tui.text.evidence.lines import wrapped
from tui.text.evidence.luck import luck_sentences
from tui.text.evidence.ruler import ruler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.content import Content

    from engine.coaching.review import TaskReview
    from engine.grading.evidence import ClassEvidence, Evidence, SeriesEvidence, ValueEvidence


class Section(NamedTuple):
    """A title, and what draws the lines under it for a width in cells."""

    title: str
    draw: Callable[[int], list[Content]]


def sections(review: TaskReview, *, colours: bool = True) -> list[Section]:
    """The ruler, luck, and what there is of evidence; without `colours` pictures are in shades."""
    found = list(_metric(review))
    evidence = review.evidence
    if evidence is None:
        return found
    found += _luck(evidence)
    if evidence.classes is not None:
        found += _classes(evidence.classes, review, colours=colours)
    if evidence.series is not None:
        found += _series(evidence.series)
    if evidence.values is not None:
        found += _values(evidence, evidence.values)
    return found


def _metric(review: TaskReview) -> Iterator[Section]:
    value = review.metric.value if review.metric else None
    scheme = review.scheme
    if value is not None and scheme is not None:
        yield Section(
            _("The metric and its marks"),
            lambda width: ruler(value, scheme, review.baselines, width),
        )


def _luck(evidence: Evidence) -> Iterator[Section]:
    if evidence.flip_risk is not None:
        yield _told(_("How much luck"), partial(luck_sentences, evidence))


def _told(title: str, texts: Callable[[], Iterator[str]]) -> Section:
    return Section(title, lambda width: wrapped(texts(), width))


def _classes(found: ClassEvidence, review: TaskReview, *, colours: bool) -> Iterator[Section]:
    yield Section(
        _("What is taken for what"),
        lambda width: [
            *classes.heat_map(found, width),
            *wrapped(classes.confusions(found, review.classes), width),
        ],
    )
    yield Section(
        _("Each class, the weakest first"),
        lambda width: classes.by_class(found, width, review.classes),
    )
    draw = partial(
        classes.examples, vocabulary=review.vocabulary, colours=colours, names=review.classes
    )
    if found.mistakes:
        yield Section(
            _("The mistakes it was surest of"), lambda width: draw(found.mistakes, width=width)
        )
    if found.calibration:
        yield Section(_("How sure it is"), lambda _width: classes.calibration(found))
    if found.closest:
        yield Section(_("The closest calls"), lambda width: draw(found.closest, width=width))


def _series(found: SeriesEvidence) -> Iterator[Section]:
    yield Section(_("The error by step ahead"), lambda width: series.by_step(found, width))
    if found.worst:
        yield Section(_("Forecasts against what came"), lambda width: series.windows(found, width))
    if found.shares is not None:
        yield _told(_("What the error is"), partial(series.share_sentences, found.shares))
    if len(found.channels) > 1:
        yield Section(_("The error by channel"), lambda _width: series.by_channel(found))
    if found.levels:
        yield Section(
            _("The error by level of the series"),
            lambda width: values.error_bars(found.levels, width),
        )


def _values(evidence: Evidence, found: ValueEvidence) -> Iterator[Section]:
    yield _told(_("Which way it errs"), partial(values.sentences, evidence, found))
    if evidence.series is None:
        yield Section(_("Model against target"), lambda width: values.plot_of(found, width))
        yield Section(
            _("The error by size of the target"),
            lambda width: values.error_bars(found.deciles, width),
        )
    if found.features:
        yield Section(
            _("Where the error changes most"), lambda width: values.columns(found.features, width)
        )
    if found.worst and evidence.series is None:
        yield Section(_("The largest errors"), lambda width: values.worst(found, width))
