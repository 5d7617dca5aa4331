"""`tfexam exam`: straight to the set-up of a new exam."""

from typing import TYPE_CHECKING

import click

from tui.commands.app import need_no_running_clock, need_terminal, new_option, run_app
from tui.commands.options import dir_option, settings_of

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--code", metavar="TFX-…", help="Sit the paper that this code names.")
@click.option("--minutes", type=float, metavar="N", help="Length of the exam.  [default: 300]")
@click.option(
    "--mode",
    type=click.Choice(["faithful", "coach"]),
    help="faithful shows n/5 as the real exam does; coach explains.  [default: faithful]",
)
@dir_option
@new_option
@click.pass_context
def command(
    ctx: click.Context,
    code: str | None,
    minutes: float | None,
    mode: str | None,
    folder: "Path | None",
    beside: bool,
) -> None:
    """Sit a mock exam: five tasks, one of each category, against the clock.

    A new paper is drawn unless --code names one; the same code gives the same tasks with
    the same data. The clock starts when you press Start, not before. While the clock of
    another sitting runs, nothing new is started unless --new says so.

    \b
    Examples:
      tfexam exam
      tfexam exam --minutes 60 --mode coach --dir ~/exams/monday
      tfexam exam --code TFX-7Q2M-0KXD-93PA
    """  # noqa: D301
    need_terminal()
    settings = settings_of(ctx, minutes=minutes, mode=mode)
    need_no_running_clock(settings, beside)
    from exam_bank import paper
    from exam_bank.catalog import Catalog
    from tui.start import NewExam

    drawn = paper.from_code(Catalog.find(settings.packs), code) if code else None
    run_app(settings, NewExam(drawn, settings.minutes, settings.mode, folder))
