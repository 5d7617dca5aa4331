"""The report of a sitting and its certificate as HTML: one file each, for screen and print."""

import itertools
from collections.abc import Iterator

import msgspec

from engine.report.drawing import Drawing
from engine.report.environment import render
from engine.report.page import Certificate, ExplainedTask, SittingPage, TaskPart
from engine.report.plots.model_plots import curves, evidence_plots
from engine.report.plots.ruler import ruler
from engine.report.plots.sitting_plots import (
    Lane,
    LaneMark,
    TimeShare,
    attempts,
    clock,
    ring,
    time_bar,
)
from engine.report.words import Words
from exam_bank.phrase import phrase

_SHORTEST = 1.0  # seconds spent on no task that are worth showing


class TaskSection(msgspec.Struct, frozen=True, kw_only=True):
    """A task as the template shows it: its data, and its pictures drawn."""

    part: TaskPart
    ruler: Drawing | None = None
    curves: tuple[Drawing, ...] = ()
    evidence: tuple[Drawing, ...] = ()


def sitting_html(page: SittingPage, words: Words) -> str:
    """The whole report as one HTML text."""
    return render(
        "sitting.html",
        words,
        page=page,
        certificate=page.certificate,
        ring=None if page.percent is None else ring(page.percent, words.say(phrase("The total"))),
        time_bar=time_bar(list(_shares(page, words)), words),
        lanes=attempts([_lane(each) for each in page.tasks], page.used, words),
        sections=[_section(each, words) for each in page.tasks],
        skill_groups=[
            (name, list(rows))
            for name, rows in itertools.groupby(page.skills, key=lambda each: each.group)
        ],
    )


def certificate_html(certificate: Certificate, words: Words) -> str:
    """The certificate alone, as one HTML text."""
    return render("certificate.html", words, certificate=certificate)


def _shares(page: SittingPage, words: Words) -> Iterator[TimeShare]:
    for each in page.tasks:
        yield TimeShare(category=each.category, name=each.title, seconds=each.spent)
    if page.elsewhere >= _SHORTEST:
        name = words.say(phrase("no category"))
        yield TimeShare(category=0, name=name, seconds=page.elsewhere)


def _lane(part: TaskPart) -> Lane:
    marks = tuple(
        LaneMark(
            seconds=row.seconds,
            score=row.score,
            tone=row.tone,
            tip=f"#{row.number} · {clock(row.seconds)} · {row.word}",
        )
        for row in part.rows
    )
    return Lane(name=f"{part.category}  {part.title}", marks=marks)


def _section(part: TaskPart, words: Words) -> TaskSection:
    drawn = tuple(curves(part.curve, words)) if part.curve is not None else ()
    known = part.explained
    if known is None:
        return TaskSection(part=part, curves=drawn)
    return TaskSection(
        part=part,
        ruler=_ruler(known, words),
        curves=drawn,
        evidence=() if known.evidence is None else tuple(evidence_plots(known.evidence, words)),
    )


def _ruler(known: ExplainedTask, words: Words) -> Drawing | None:
    if known.scheme is None:
        return None
    return ruler(known.scheme, known.metric, known.value, known.baselines, words)
