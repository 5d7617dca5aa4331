"""`tfexam skills`: the exam's checklist, with what the candidate has shown of it."""

import shutil
from typing import TYPE_CHECKING

import click

from tui.commands.options import format_option, json_row, settings_of, table
from tui.locale import N_, _, noted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.coaching.standing import Standing
    from engine.coaching.strength import SkillStrength


_HEAD = (*(N_("id"), N_("strength"), N_("best"), N_("last"), N_("help"), N_("tasks"), N_("skill")),)
_INDENT = " " * 4


def standing_of(ctx: click.Context, *, look_for_data: bool = False) -> "Standing":
    """Where the candidate stands by all sittings.

    With `look_for_data` it also knows which tasks' data are here. Packs that had to be left
    out are named on stderr.
    """
    from engine.clock import SystemClock
    from engine.coaching.standing import standing
    from exam_bank.task_choice import absent
    from tui.commands.bank import catalog_of

    bank, settings = catalog_of(ctx), settings_of(ctx)
    holdings = settings.data_store(bank.registry).look() if look_for_data else None
    gone = None if holdings is None else absent(bank, holdings)
    return standing(settings.sittings_folder, bank.tasks, SystemClock(), gone)


@click.command()
@click.option("--tasks", "with_tasks", is_flag=True, help="Name the tasks that test each skill.")
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, notation: str, with_tasks: bool) -> None:
    """List the skills that the exam tests: how strong each is, the weakest first.

    Strength is the share of the points reached in tasks that test the skill, times the chance
    that it is still remembered (FSRS). Help used, such as hints, lets it fade sooner. A faithful
    sitting counts once it has ended. Skills that no graded model can show come last.

    \b
    Examples:
      tfexam skills
      tfexam skills --tasks             with the tasks that test each
      tfexam skills --format json | head -3
      tfexam practice embeddings        practise a skill
    """  # noqa: D301
    found = standing_of(ctx)
    skills = found.skills()
    if notation == "json":
        for each in skills:
            json_row(_json(each, found.now))
        return
    from tui.text import coaching

    head = [_(each) for each in _HEAD]
    lines = table(head, map(_row, skills)).splitlines()
    click.echo(lines[0])
    for line, each in zip(lines[1:], skills, strict=True):
        click.echo(line)
        if with_tasks and each.tasks:
            click.echo(_named(each.tasks))
    click.echo(coaching.coverage_text(skills, found.now), err=True)


def _named(tasks: "Sequence[str]") -> str:
    """The ids of tasks, indented and wrapped."""
    import textwrap

    width = min(100, shutil.get_terminal_size().columns) - len(_INDENT)
    return textwrap.indent(textwrap.fill(", ".join(tasks), width, break_on_hyphens=False), _INDENT)


def _row(each: "SkillStrength") -> tuple[object, ...]:
    from tui.text import coaching

    title = coaching.in_language(each.skill.title)
    if each.skill.untested is not None:
        why = coaching.in_language(each.skill.untested)
        return (
            each.skill.id,
            "–",
            "–",
            "–",
            "",
            "–",
            noted(title, why),
        )
    last = "–" if each.last is None else f"{each.last.astimezone():%Y-%m-%d}"
    strength = f"{100 * each.strength:.0f} %"
    figures = (strength, coaching.best_text(each), last, coaching.help_text(each))
    return (each.skill.id, *figures, len(each.tasks), title)


def _json(each: "SkillStrength", now: "datetime") -> dict[str, object]:
    skill = each.skill
    return {
        "id": skill.id,
        "group": skill.group,
        "title": skill.title.en,
        "title_zh": skill.title.zh,
        "tasks": each.tasks,
        "untested": None if skill.untested is None else skill.untested.en,
        "strength": round(each.strength, 3),
        "recall": round(each.recall, 3),
        "times": each.times,
        "best": each.best,
        "last": each.last,
        "days": each.days_since(now),
        "due": each.due,
        "hints": each.hints,
        "given_up": each.given_up,
    }
