"""`tfexam next`: which task to practise now, and why."""

from typing import TYPE_CHECKING

import click

from tui.commands.options import format_option, json_row
from tui.commands.skills import standing_of

if TYPE_CHECKING:
    from engine.coaching.advice import Advice


@click.command()
@click.option(
    "--count",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    metavar="N",
    help="How many tasks to name.",
)
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, count: int, notation: str) -> None:
    """Say which task to practise now, and why: weak skills, heavy in the exam, due again.

    It looks at all sittings on this machine and at the tasks whose data are here.

    \b
    Examples:
      tfexam next
      tfexam practice "$(tfexam next --count 1 --format json | jq -r .task)"
    """  # noqa: D301
    found = standing_of(ctx, look_for_data=True)
    titles = {each.id: each for each in found.tasks}
    for place, each in enumerate(found.advice()[:count], start=1):
        if notation == "json":
            json_row(_json(each))
        else:
            from tui.locale import language

            click.echo(_text(place, each, titles[each.task].title(language())))


def _text(place: int, each: "Advice", title: str) -> str:
    from tui.text import coaching

    head = f"{place}  {each.task}  {title}  {coaching.minutes_text(each.minutes)}"
    return "\n".join((head, *(f"   {coaching.reason_text(reason)}" for reason in each.reasons)))


def _json(each: "Advice") -> dict[str, object]:
    return {
        "task": each.task,
        "category": each.category,
        "minutes": each.minutes,
        "gain": round(each.gain, 2),
        "reasons": each.reasons,
    }
