"""`tfexam class report`: the instructor's report on a class, and feedback for everyone in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.printable import printable
from tui.commands.options import settings_of
from tui.locale import _

if TYPE_CHECKING:
    from exam_bank.task import Task

_TELL_EVERY = 500


@click.command("report")
@click.argument("out", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--feedback/--no-feedback",
    default=True,
    show_default=True,
    help="Also write a feedback file for each person.",
)
@click.pass_context
def command(ctx: click.Context, out: Path, feedback: bool) -> None:
    """Write report.html and feedback files into DIR, where `class grade` keeps its results.

    `class grade` does so itself; this writes them anew, also of a run that was stopped, or in
    another language (--lang before `class`).

    report.html is for the instructor: how the totals are spread, each task and skill, common
    mistakes, rejections by reason, who is missing, and everyone's scores. The folder feedback
    has a Markdown and an HTML file for each person, and files.csv, which says whose is which.
    Neither shows a hidden example; each file is whole in itself and asks nothing of the network.

    \b
    Examples:
      tfexam class report results/
      tfexam --lang zh class report results/ --no-feedback
    """  # noqa: D301
    from exam_bank.catalog import Catalog

    bank = {each.id: each for each in Catalog.find(settings_of(ctx).packs).tasks}
    for each in write_reports(out, bank, feedback=feedback):
        click.echo(printable(str(each)))


def write_reports(out: Path, bank: "Mapping[str, Task]", *, feedback: bool = True) -> list[Path]:
    """Write the report of the results in `out`, and the feedback; returns what was written.

    Raises `ClassError` when there are no results, or something cannot be written.
    """
    from engine.classroom.class_page import REPORT, class_html
    from engine.classroom.feedback import write_feedback
    from engine.classroom.notes import read_notes
    from engine.classroom.results import read_results, write_table
    from engine.clock import SystemClock
    from tui.commands.report_html import words

    results = read_results(out)
    notes = read_notes(out, results.rows)
    html = class_html(results, bank, notes, words(), SystemClock().now().local())
    write_table(out, REPORT, html)
    if not feedback:
        return [out / REPORT]
    return [out / REPORT, write_feedback(out, results, bank, notes, words(), _tell)]


def _tell(done: int, total: int) -> None:
    if done % _TELL_EVERY == 0 and done < total:
        said = _("Feedback files: {done} of {total}")
        click.echo(said.format(done=done, total=total), err=True)
