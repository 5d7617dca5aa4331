"""The review of a task as Markdown, for the screen and for the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from engine.sitting.views.model_diff import facts_of
from tui.locale import N_, _, ngettext, say
from tui.text import model_layers
from tui.text.format import score_text, spent_text
from tui.text.verdicts import look_of_submission, says

if TYPE_CHECKING:
    from textual.content import Content

    from engine.coaching.review import ReviewedAttempt, Solution, TaskReview

_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~])")
_KINDS = {
    "decent": N_("A decent solution: {name}.py"),
    "reference": N_("A reference solution: {name}.py"),
}

Escape = Callable[[str], str]
# The width of evidence on the command line.
_PLAIN_CELLS = 78


def escaped(text: str) -> str:
    """`text` from a model file, so that Markdown shows it as it is."""
    return _MARKS.sub(r"\\\1", text)


def markdown(review: TaskReview, title: str) -> str:
    """The whole review of the task with that `title`, with evidence drawn without colours."""
    return head(review, title) + "\n" + _evidence(review) + rest(review)


def head(review: TaskReview, title: str, escape: Escape = str) -> str:
    """What comes before the evidence: the score, and what explains it."""
    parts = [f"# {title}", *_head(review)]
    if review.diagnoses:
        parts.append("## " + _("What explains the score"))
        parts.append("\n".join(f"- {escape(each.text(_))}" for each in review.diagnoses))
    parts += (escape(each) for each in _without_evidence(review))
    return "\n\n".join(parts) + "\n"


def _without_evidence(review: TaskReview) -> Iterator[str]:
    if review.fault:
        yield say(review.fault)
    elif review.metric is not None and review.evidence is None:
        yield _(
            "What this grade is made of is not here. After an exam it is worked out in the "
            "background, while tfexam runs."
        )


def _evidence(review: TaskReview) -> str:
    from tui.text.evidence.sections import sections

    drawn = (
        f"## {each.title}\n\n{_fenced(_plain(each.draw(_PLAIN_CELLS)), 'text')}\n\n"
        for each in sections(review, colours=False)
    )
    return "".join(drawn)


def _plain(lines: list[Content]) -> str:
    return "\n".join(each.plain.rstrip() for each in lines)


def rest(review: TaskReview, escape: Escape = str) -> str:
    """What comes after the evidence: attempts, hints and solutions."""
    parts = [*_attempts(review, escape), *_hints(review)]
    for each in review.solutions:
        parts += _solution(each)
    if not review.over:
        parts.append(
            _(
                "Solutions, all hints and single examples open after the end; in practice also "
                "once the task has full marks or was given up."
            )
        )
    elif not review.solutions:
        parts.append(_("The bank no longer has this task, so its solutions cannot be shown."))
    return "\n\n".join(parts) + "\n"


def _head(review: TaskReview) -> Iterator[str]:
    best = _("Best score: {score}").format(score=score_text(review.score))
    yield " · ".join((best, _("given up"))) if review.given_up else best


def _attempts(review: TaskReview, escape: Escape) -> Iterator[str]:
    count = len(review.attempts)
    head = ngettext("{n} submission", "{n} submissions", count).format(n=count)
    yield f"## {head}"
    if not review.attempts:
        yield _("No submissions.")
        return
    yield "\n".join(line for each in review.attempts for line in _attempt(each, escape))


def _attempt(attempt: ReviewedAttempt, escape: Escape) -> Iterator[str]:
    """One submission: when, its verdict, what it is made of, and what changed."""
    each = attempt.submission
    look = look_of_submission(each).text()
    score = "" if each.score is None else f" {score_text(each.score)}"
    yield f"- **#{each.number}** · {spent_text(each.elapsed)} · {look}{score}"
    for line in says(each, coach=True).splitlines():
        yield f"  - {escape(line)}"
    if (facts := facts_of(each)) is not None:
        yield f"  - {escape(model_layers.summary(facts))}"
    if attempt.difference is not None:
        yield f"  - {escape(model_layers.difference(attempt.difference))}"


def _hints(review: TaskReview) -> Iterator[str]:
    if not review.hints:
        return
    total = len(review.hints)
    seen = _("Hints: {seen} of {total} seen").format(seen=review.seen, total=total)
    yield f"## {seen}" if review.over else "## " + _("Hints")
    for number, hint in enumerate(review.hints, start=1):
        yield f"### {number}. {hint.title}" if hint.title else f"### {number}"
        yield hint.text


def _solution(solution: Solution) -> Iterator[str]:
    yield "## " + _(_KINDS[solution.kind]).format(name=solution.name)
    if solution.diff:
        yield _("What leads from your starter.py to it:")
        yield _fenced("\n".join(solution.diff), "diff")
        return
    yield _("Your starter.py cannot be read, so this is the whole of it:")
    yield _fenced(solution.text, "python")


def _fenced(code: str, language: str) -> str:
    """Code in a fence longer than any in it."""
    longest = max((len(each) for each in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"
