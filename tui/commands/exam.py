"""`tfexam exam`: goes straight to the set-up of a new exam."""

from typing import TYPE_CHECKING

import click

from tui.commands.open_app import need_no_running_clock, need_terminal, new_option, run_app
from tui.commands.options import dir_option, level_option, need_same_level, settings_of
from tui.locale import _, listed

if TYPE_CHECKING:
    from pathlib import Path

    from engine.settings import Settings
    from exam_bank.catalog import Catalog
    from exam_bank.task import Level


@click.command()
@click.option("--code", metavar="TFX-…", help="Sit the paper that this code names.")
@click.option("--minutes", type=float, metavar="N", help="Length of the exam.  [default: 300]")
@click.option(
    "--mode",
    type=click.Choice(["faithful", "coach"]),
    help="faithful shows n/5 as the real exam does; coach explains.  [default: faithful]",
)
@level_option(
    "classic is as hard as the real exam, hard is above it; --code brings its own.  "
    "[default: classic]"
)
@dir_option
@new_option
@click.pass_context
def command(
    ctx: click.Context,
    code: str | None,
    minutes: float | None,
    mode: str | None,
    level: "Level | None",
    folder: "Path | None",
    beside: bool,
) -> None:
    """Sit a mock exam: five tasks, one from each category, against the clock.

    A new paper is drawn unless --code names one; the same code gives the same tasks with
    the same data, on the same level. Only tasks whose data are on this machine are drawn,
    and tasks of your recent exams only if there are no others. The clock does not run until
    you press Start. While the clock of another sitting is running, you must add --new to
    start a new one.

    \b
    Examples:
      tfexam exam
      tfexam exam --minutes 60 --mode coach --dir ~/exams/monday
      tfexam exam --level hard
      tfexam exam --code TFX-7Q2M-0KXD-93YA
    """  # noqa: D301
    need_terminal()
    settings = settings_of(ctx, minutes=minutes, mode=mode, level=level)
    need_no_running_clock(settings, beside)
    from engine.sitting.store.paper_choice import paper_named
    from exam_bank.catalog import Catalog
    from tui.start import NewExam

    bank = Catalog.find(settings.packs)
    drawn = paper_named(settings, bank, code, folder) if code else None
    if drawn is None:
        say_what_is_absent(bank, settings, folder)
    else:
        need_same_level(drawn, level)
    asked = drawn.level if drawn else settings.level
    order = NewExam(drawn, settings.minutes, settings.mode, folder, level=asked)
    run_app(settings, order)


def say_what_is_absent(bank: "Catalog", settings: "Settings", folder: "Path | None") -> None:
    """If data of some tasks are missing, say on stderr how many tasks a paper is drawn from."""
    from engine.sitting.store.paper_choice import store_for
    from exam_bank.task_choice import candidates

    inventory = store_for(settings, bank, folder).look()
    tasks = candidates(bank, settings.level)
    missing = [task for task in tasks if not inventory.is_here(task.says.source)]
    if missing:
        here = len(tasks) - len(missing)
        click.echo(
            _(
                "The paper is drawn from {here} of {all} tasks: the data of {missing} are not "
                "here.\nTo include them: tfexam data fetch --all"
            ).format(here=here, all=len(tasks), missing=listed(each.id for each in missing)),
            err=True,
        )
