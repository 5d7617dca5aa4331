"""What `tfexam class grade` does about fairness: the second hidden set, and the flags."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.classroom.results import FIRST_SET
from tui.locale import _, labelled, ngettext, say

if TYPE_CHECKING:
    from engine.classroom.comparison.flags import ClassFlag
    from engine.classroom.people import FoundFile
    from engine.classroom.rows import Row
    from engine.sitting.store.class_paper import ClassSecret
    from exam_bank.task import Task
    from tui.commands.class_progress import ProgressLine


def secret_from(path: Path, code: str | None, task: str | None) -> "ClassSecret":
    """The secret in the file at `path`, which brings its own code; raises `ClassPaperError`."""
    from engine.sitting.store.class_paper import read_class_secret

    if task is not None:
        raise click.UsageError(_("--secret brings its own paper: leave out --task."))
    secret = read_class_secret(path)
    if code is not None and code.strip().upper() != secret.code:
        said = _("The secret belongs to {code}: leave out --code.")
        raise click.UsageError(said.format(code=secret.code))
    return secret


def find_flags(
    found: "Sequence[FoundFile]",
    rows: "Sequence[Row]",
    tasks: "Mapping[str, Task]",
    line: "ProgressLine",
    first: "Sequence[Row] | None" = None,
) -> "list[ClassFlag]":
    """The same-work flags, and with the rows on the `first` set those about both sets.

    If the weights cannot be compared, says so on stderr: the grades are whole without.
    """
    import asyncio

    from engine.classroom.comparison.same_work import same_work
    from engine.classroom.comparison.second_sets import cut_in_time
    from engine.classroom.comparison.two_sets import better_on_first, both
    from engine.errors import ClassError
    from exam_bank.printable import printable

    flags = []
    if first is not None:
        flags += better_on_first(both(first, rows), cut_in_time(tasks.values()))
    try:
        flags += asyncio.run(same_work(found, rows, tasks, line.reading))
    except ClassError as error:
        line.end()
        click.echo(labelled("tfexam", printable(say(error.sentence))), err=True)
    return flags


def show_fairness(
    out: Path, flags: "Sequence[ClassFlag]", first: "Sequence[Row] | None", *, err: bool
) -> None:
    """Say how many flags there are, and where the first set's scores are."""
    from engine.classroom.comparison.flags import FLAGS
    from exam_bank.printable import printable

    if first is not None:
        text = _("Graded on the second hidden set. What candidates saw, the first set: {folder}")
        click.echo(printable(text.format(folder=out / FIRST_SET)), err=err)
    if flags:
        text = ngettext(
            "{n} flag to look at, with its figure, and no verdict: {file}",
            "{n} flags to look at, with their figures, and no verdict: {file}",
            len(flags),
        )
        click.echo(printable(text.format(n=len(flags), file=out / FLAGS)), err=err)
