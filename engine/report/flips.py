"""Sentences about how a draw, as the real exam takes one, would score a model."""

from collections.abc import Iterator

from engine.grading.evidence import Evidence, FlipRisk
from engine.marking import MAX_SCORE
from engine.report.words import Words
from exam_bank.phrase import phrase

_CERTAIN = 0.995
_WORTH_SAYING = 0.005


def flip_sentences(evidence: Evidence, words: Words) -> tuple[str, ...]:
    """What the flip risk of an evidence means, in a few sentences; none if it is unknown."""
    risk = evidence.flip_risk
    if risk is None:
        return ()
    return tuple(words.say(each) for each in _sentences(risk, evidence.score))


def _sentences(risk: FlipRisk, score: int) -> Iterator[str]:
    if risk.chances[score] >= _CERTAIN:
        yield phrase("Practically every draw of {n} hidden examples gives the same.", n=risk.size)
        return
    others = ", ".join(
        f"{points}/{MAX_SCORE}: {100 * chance:.0f} %"
        for points, chance in enumerate(risk.chances)
        if points != score and chance >= _WORTH_SAYING
    )
    yield phrase(
        "{score}/5 here; of 100 draws of {n} hidden examples {same} give the same. Others: "
        "{others}.",
        score=score,
        n=risk.size,
        same=f"{100 * risk.chances[score]:.0f}",
        others=others or "–",
    )
    if risk.hold:
        yield phrase(
            "For {score}/5 in 95 of 100 draws the metric must move by {by}.",
            score=score,
            by=f"{risk.hold:+.4g}",
        )
    if risk.full and score < MAX_SCORE:
        yield phrase("For 5/5 in 95 of 100 draws it must move by {by}.", by=f"{risk.full:+.4g}")
