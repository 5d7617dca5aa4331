"""`tfexam reset`: starts tasks of the open sitting again, keeping what the candidate wrote."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from exam_bank.errors import TfexamError
from exam_bank.phrase import phrase
from exam_bank.printable import printable
from tui.commands.options import settings_of
from tui.locale import _, say

if TYPE_CHECKING:
    from engine.sitting.state.sitting import SittingRecord


_FAILED = 2


@click.command()
@click.argument("names", nargs=-1, metavar="[TASK|CATEGORY]...")
@click.option("--all", "every", is_flag=True, help="All tasks; only in practice.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], every: bool, yes: bool) -> None:
    """Start tasks of the open sitting again: starter.py as it was handed out.

    Your own starter.py is kept beside it as starter.1.py, or with a higher number. If brief or
    data are gone, they come back. Submissions, scores and the time stay as they are, and the app
    may be open meanwhile.

    \b
    Examples:
      tfexam reset 3                             the task of category 3
      tfexam reset --all --yes                   every task of a practice
    """  # noqa: D301
    from engine.clock import SystemClock
    from engine.errors import SittingError
    from engine.sitting.store.history import newest_open

    settings = settings_of(ctx)
    sitting = newest_open(settings, SystemClock())
    if sitting is None:
        raise SittingError(
            phrase("No sitting is open."), fix=phrase("`tfexam history` lists the sittings.")
        )
    record = sitting.record
    chosen = _chosen(record, names, every=every)
    if not yes:
        _ask(record, chosen)
    done = [_reset(ctx, record, task) for task in chosen]  # others, after one that fails
    if not all(done):
        ctx.exit(_FAILED)


def _reset(ctx: click.Context, record: "SittingRecord", name: str) -> bool:
    """Start one task again; says on stderr what went wrong, and returns whether nothing did."""
    import asyncio

    from engine.sitting.data_again import bring_data_back, is_data_gone
    from engine.sitting.starter_reset import reset_starter
    from engine.sitting.store.record import category_folder, task_folder
    from exam_bank.task import Task
    from tui.commands.bank import catalog_of
    from tui.text.resets import data_text, reset_text

    settings = settings_of(ctx)
    folder = settings.sittings_folder / record.id
    try:
        task = Task.read(task_folder(folder, name))
        click.echo(printable(reset_text(reset_starter(record, task, settings.language))))
        if is_data_gone(record, name):
            bank = catalog_of(ctx)
            asyncio.run(bring_data_back(folder, record, name, settings=settings, catalog=bank))
            click.echo(printable(data_text(category_folder(record, name).name)))
    except TfexamError as error:
        click.echo(printable(f"{name}: {say(error.sentence)}"), err=True)
        return False
    return True


def _chosen(record: "SittingRecord", names: Sequence[str], *, every: bool) -> list[str]:
    """The ids of the tasks that are meant; raises a usage error."""
    if every == bool(names):
        raise click.UsageError(_("Name a task or a category, or say --all."))
    if not every:
        return list(dict.fromkeys(task for name in names for task in _named(record, name)))
    if record.kind != "practice":
        raise click.UsageError(_("In an exam, name each task: --all is for practice."))
    return [each.task for each in record.paper.tasks]


def _named(record: "SittingRecord", name: str) -> Iterator[str]:
    found = [each.task for each in record.paper.tasks if name in (each.task, str(each.category))]
    if not found:
        text = _("The open sitting has no task or category {name}.")
        raise click.UsageError(printable(text.format(name=repr(name))))
    yield from found


def _ask(record: "SittingRecord", tasks: Sequence[str]) -> None:
    """Ask at a terminal; stops where the answer is no, or nobody can be asked."""
    from engine.sitting.starter_reset import STARTER
    from engine.sitting.store.record import category_folder

    if not sys.stdin.isatty():
        raise click.UsageError(_("There is no terminal to ask at: say --yes."))
    for task in tasks:
        click.echo(printable(str(category_folder(record, task) / STARTER)), err=True)
    click.confirm(_("Start these again? Yours are kept."), abort=True, err=True)
