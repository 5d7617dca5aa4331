"""`tfexam plan`: what to practise on each day until the exam."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.printable import printable
from tui.commands.options import format_option, json_row
from tui.commands.skills import standing_of

if TYPE_CHECKING:
    from engine.coaching.plan import Plan
    from engine.coaching.standing import Standing


@click.command()
@click.option(
    "--exam",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    metavar="DATE",
    help="The day of the exam, as in 2027-01-31.",
)
@click.option(
    "--hours",
    type=click.FloatRange(0.25, 12),
    default=2.0,
    show_default=True,
    metavar="N",
    help="How long you practise on a day.",
)
@click.option(
    "--ics",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it as a calendar file, too.",
)
@format_option("markdown", "json")
@click.pass_context
def command(
    ctx: click.Context, exam: datetime, hours: float, ics: Path | None, notation: str
) -> None:
    """Lay out the days until the exam: which tasks on which day, and when to sit a mock exam.

    Nothing is stored: ask again, and the plan follows from what you have done since. Days that
    you missed fall away, and what was done today is taken off today's hours. A calendar entry
    keeps its identity, so importing the file again replaces the earlier plan.

    \b
    Examples:
      tfexam plan --exam 2027-01-31 > plan.md
      tfexam plan --exam 2027-01-31 --hours 1.5 --ics plan.ics
    """  # noqa: D301
    found = standing_of(ctx, look_for_data=True)
    plan = found.plan(exam.date(), hours)
    if ics is not None:
        _write_ics(ics, plan, found)
    if notation == "json":
        for each in plan.days:
            json_row({"day": each.day, "mock": each.mock, "tasks": each.tasks})
        return
    from tui.text.coaching import plan_markdown

    click.echo(plan_markdown(plan, _titles(found).__getitem__), nl=False)


def _titles(found: "Standing") -> dict[str, str]:
    from tui.locale import language

    return {each.id: each.title(language()) for each in found.tasks}


def _write_ics(path: Path, plan: "Plan", found: "Standing") -> None:
    from engine.coaching.calendar_file import to_ics
    from engine.files import write_atomically
    from tui.locale import _, ngettext
    from tui.text.coaching import day_text, day_title

    title = _titles(found).__getitem__
    content = to_ics(
        plan,
        found.now,
        lambda each: (day_title(each), day_text(each, title)),
        exam=_("The TensorFlow exam"),
    )
    write_atomically(path, content)
    count = len(plan.days)
    says = ngettext("{path}: {n} day", "{path}: {n} days", count).format(path=path, n=count)
    click.echo(printable(says), err=True)
