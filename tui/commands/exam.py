"""`tfexam exam`: goes straight to the set-up of a new exam."""

import pathlib
from typing import TYPE_CHECKING

import click

from tui.commands.open_app import need_no_running_clock, need_terminal, new_option, run_app
from tui.commands.options import (
    SettingOption,
    dir_option,
    level_option,
    need_same_level,
    settings_of,
)
from tui.locale import _, listed

if TYPE_CHECKING:
    from pathlib import Path

    from engine.settings import Settings
    from exam_bank.catalog import Catalog
    from exam_bank.task import Level
    from tui.start import NewExam


@click.command()
@click.option("--code", metavar="TFX-…", help="Sit the paper that this code names.")
@click.option(
    "--paper",
    "paper_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Sit a class paper: this file sets the paper, its length, mode and window.",
)
@click.option(
    "--minutes",
    type=float,
    metavar="N",
    cls=SettingOption,
    help="Length of the exam.  [default: {minutes}]",
)
@click.option(
    "--extra-time",
    type=click.Choice(["1.25", "1.5", "2"]),
    help="Have so many times the usual time.",
)
@click.option(
    "--mode",
    type=click.Choice(["faithful", "coach", "blind"]),
    cls=SettingOption,
    help="faithful shows n/5 as the real exam does; coach explains; blind shows no score before "
    "the end.  [default: {mode}]",
)
@level_option(
    "classic is as hard as the real exam, hard is above it; --code brings its own.  "
    "[default: {level}]"
)
@dir_option
@new_option
@click.pass_context
def command(
    ctx: click.Context,
    code: str | None,
    paper_file: "Path | None",
    minutes: float | None,
    extra_time: str | None,
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

    A class paper's exam ends at its own deadline or when the paper closes, whichever comes
    first. Extra time moves the close by as many minutes as it adds.

    \b
    Examples:
      tfexam exam
      tfexam exam --minutes 60 --mode coach --dir ~/exams/monday
      tfexam exam --level hard
      tfexam exam --paper friday.toml
      tfexam exam --code TFX-7Q2M-0KXD-93YA
    """  # noqa: D301
    if paper_file is not None:
        _need_nothing_else(ctx)
    need_terminal()
    settings = settings_of(ctx, minutes=minutes, extra_time=extra_time, mode=mode, level=level)
    need_no_running_clock(settings, beside)
    if paper_file is not None:
        order = class_exam(settings, paper_file, folder)
    else:
        order = _own_exam(settings, code, level, folder)
    run_app(settings, order)


def _own_exam(
    settings: "Settings", code: str | None, level: "Level | None", folder: "Path | None"
) -> "NewExam":
    """The exam with the paper of `code`, or with one to be drawn."""
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
    return NewExam(drawn, settings.minutes, settings.mode, folder, level=asked)


def _need_nothing_else(ctx: click.Context) -> None:
    """Raise a usage error for an option that a class paper sets itself."""
    for name in ("code", "minutes", "extra_time", "mode", "level"):
        if ctx.params[name] is not None:
            option = f"--{name.replace('_', '-')}"
            said = _("The class paper sets this itself: leave out {option}.")
            raise click.UsageError(said.format(option=option))


def class_exam(settings: "Settings", path: "Path", folder: "Path | None") -> "NewExam":
    """The exam that the class paper at `path` asks for.

    Raises `ClassPaperError` for a damaged file or outside its window, `BankError` when its
    paper cannot be sat here.
    """
    from engine.clock import SystemClock
    from engine.sitting.store.class_paper import read_class_paper
    from engine.sitting.store.history import need_startable
    from engine.sitting.store.paper_choice import paper_named
    from exam_bank.catalog import Catalog
    from tui.start import NewExam

    asked = read_class_paper(path)
    need_startable(asked, settings.sittings_folder, SystemClock().now())
    paper = paper_named(settings, Catalog.find(settings.packs), asked.code, folder)
    return NewExam(
        paper,
        asked.minutes,
        asked.mode,
        folder,
        level=paper.level,
        extra_time=asked.extra_time,
        class_paper=asked,
    )


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
