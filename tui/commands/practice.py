"""`tfexam practice`: single tasks, with a clock that can be paused."""

from typing import TYPE_CHECKING

import click

from tui.commands.app import need_no_running_clock, need_terminal, new_option, run_app
from tui.commands.options import dir_option, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from exam_bank.catalog import Catalog
    from exam_bank.task import Task


@click.command()
@click.argument("names", nargs=-1, metavar="[TASK|CATEGORY]...")
@click.option("--minutes", type=float, metavar="N", help="Length of the session.  [default: 60]")
@dir_option
@new_option
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    minutes: float | None,
    folder: "Path | None",
    beside: bool,
) -> None:
    """Train single tasks (by id) or whole categories (1 to 5); all tasks when none is named.

    Practice explains every grade, and its clock can be paused.

    \b
    Examples:
      tfexam practice garments
      tfexam practice 3 5 --minutes 90
      tfexam bank list                the ids there are
    """  # noqa: D301
    need_terminal()
    settings = settings_of(ctx, practice_minutes=minutes)
    need_no_running_clock(settings, beside)
    from exam_bank.catalog import Catalog
    from tui.start import NewPractice

    tasks = chosen(Catalog.find(settings.packs), names)
    run_app(settings, NewPractice(tasks, settings.practice_minutes, folder))


def chosen(catalog: "Catalog", names: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of the tasks that `names` (ids and category numbers) mean, each once.

    No name means every task. Raises `UnknownTaskError`.
    """
    from engine.errors import UnknownTaskError

    found: list[Task] = [] if names else list(catalog.tasks)
    for name in names:
        if name.isdecimal():
            if not (of_category := catalog.of(int(name))):
                raise UnknownTaskError(f"There is no category {name}.", fix="They are 1 to 5.")
            found += of_category
        else:
            found.append(catalog.task(name))
    return tuple(dict.fromkeys(task.id for task in found))
