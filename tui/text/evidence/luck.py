"""How much luck there is in a score, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.locale import _, ngettext
from tui.text.evidence.lines import signed
from tui.text.format import score_text, whole_percents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.grading.evidence import Evidence, FlipRisk


def luck_sentences(evidence: Evidence) -> Iterator[str]:
    """What draws as the real exam takes them would give, and what would make it sure."""
    risk = evidence.flip_risk
    if risk is None:
        return
    yield _chances(risk, evidence.score)
    if not risk.fair:
        yield _(
            "No part of this hidden set makes a fair sample, so this is about halves of it; here "
            "the whole set is measured."
        )
    yield from _moves(risk, evidence.score)


def _chances(risk: FlipRisk, score: int) -> str:
    """What is told of draws that would give another score."""
    others = [
        (points, share)
        for points, share in reversed(list(enumerate(whole_percents(risk.chances))))
        if share and points != score
    ]
    if not others:
        return _("{score} here, and in every draw of {size} of the {of} examples too.").format(
            score=score_text(score), size=f"{risk.size:,}", of=f"{risk.of:,}"
        )
    told = ", ".join(
        ngettext("{share} of 100 gives {score}", "{share} of 100 give {score}", share).format(
            share=share, score=score_text(points)
        )
        for points, share in others
    )
    return _(
        "{score} here. The real exam measures each model on other examples: of draws of {size} "
        "from these {of}, {told}."
    ).format(score=score_text(score), size=f"{risk.size:,}", of=f"{risk.of:,}", told=told)


def _moves(risk: FlipRisk, score: int) -> Iterator[str]:
    if risk.hold:
        yield _("For {score} in 95 of 100 draws the metric must move by {move}.").format(
            score=score_text(score), move=signed(risk.hold)
        )
    if risk.full and (score < 5 or not risk.hold):
        yield _("For {score} in 95 of 100 draws the metric must move by {move}.").format(
            score=score_text(5), move=signed(risk.full)
        )
