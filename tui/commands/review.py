"""`tfexam review`: what can be learnt from the tasks of a sitting that is over."""

from typing import TYPE_CHECKING, Any

import click

from exam_bank.phrase import phrase
from tui.commands.options import format_option, json_row, settings_of
from tui.commands.report import sitting_folder

if TYPE_CHECKING:
    from pathlib import Path

    from engine.coaching.explanation import ExplanationProgress
    from engine.coaching.review import ReviewedAttempt, TaskReview
    from engine.grading.evidence import Evidence
    from engine.settings import Settings


@click.command()
@click.argument("name", required=False, metavar="[SITTING]")
@click.argument("task", required=False, metavar="[TASK]")
@format_option("markdown", "json")
@click.pass_context
def command(ctx: click.Context, name: str | None, task: str | None, notation: str) -> None:
    """Review the tasks of a sitting: what scores are made of, attempts, hints, solutions.

    SITTING is an id from `tfexam history`, or the start of one; the newest by default. TASK is
    one of its task ids. A review opens after the end; in practice also once a task has full
    marks or was given up. It never shows a task of a faithful exam that goes on. What is not
    explained yet of an ended sitting is made first, which takes some seconds for each task.

    \b
    Examples:
      tfexam review
      tfexam review 2026-11-23 flats | less
    """  # noqa: D301
    from engine.coaching.review import reviews
    from tui.commands.bank import catalog_of
    from tui.locale import language
    from tui.text.review import markdown

    settings = settings_of(ctx)
    bank = {each.id: each for each in catalog_of(ctx).tasks}
    folder = sitting_folder(settings, name)
    _explain(folder, settings)
    found = reviews(folder, settings.sittings_folder, bank, language())
    for each in _chosen(found, task):
        if notation == "json":
            json_row(_json(each))
        else:
            title = bank[each.task].title(language()) if each.task in bank else each.task
            click.echo(markdown(each, title))


def _explain(folder: "Path", settings: "Settings") -> None:
    """Make the evidence and diagnoses that are missing, with progress on stderr."""
    import asyncio

    from engine.coaching.explanation import explain, is_missing

    if is_missing(folder):
        asyncio.run(explain(folder, settings, on_progress=_tell))


def _tell(progress: "ExplanationProgress") -> None:
    from tui.locale import _

    if progress.done < progress.total:
        template = _("Explaining grades: {done} of {total} done, now {task}.")
        facts = {"done": progress.done, "total": progress.total, "task": progress.task}
        click.echo(template.format(**facts), err=True)


def _chosen(found: "tuple[TaskReview, ...]", task: str | None) -> "tuple[TaskReview, ...]":
    from engine.errors import UnknownTaskError

    chosen = tuple(each for each in found if task in (None, each.task))
    if not chosen:
        known = ", ".join(each.task for each in found)
        raise UnknownTaskError(
            phrase("No task {task} of this sitting can be reviewed.", task=repr(task)),
            fix=phrase("These can: {tasks}.", tasks=known),
        )
    return chosen


def _json(review: "TaskReview") -> dict[str, object]:
    import msgspec

    return {
        "task": review.task,
        "category": review.category,
        "score": review.score,
        "given_up": review.given_up,
        "diagnoses": [each.text() for each in review.diagnoses],
        "baselines": [msgspec.to_builtins(each) for each in review.baselines],
        "evidence": _evidence(review.evidence),
        "attempts": [_attempt(each) for each in review.attempts],
        "hints_seen": review.seen,
        "hints": [{"title": each.title, "text": each.text} for each in review.hints],
        "solutions": [
            {"kind": each.kind, "name": each.name, "text": each.text, "diff": each.diff}
            for each in review.solutions
        ],
    }


def _evidence(evidence: "Evidence | None") -> "dict[str, Any] | None":
    """All but the errors of single examples, which only resampling needs."""
    import msgspec

    if evidence is None:
        return None
    found: dict[str, Any] = msgspec.to_builtins(evidence)
    del found["errors"]
    return found


def _attempt(attempt: "ReviewedAttempt") -> dict[str, object]:
    from engine.grading.protocol import verdict_of

    each, found = attempt.submission, attempt.difference
    changes = () if found is None else found.changes
    return {
        "number": each.number,
        "elapsed": round(each.elapsed, 1),
        "verdict": None if each.grade is None else verdict_of(each.grade),
        "score": each.score,
        "changes": [{"before": change.before, "after": change.after} for change in changes],
    }
