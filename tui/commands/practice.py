"""`tfexam practice`: single tasks, with a clock that can be paused."""

from typing import TYPE_CHECKING

import click

from tui.commands.open_app import need_no_running_clock, need_terminal, new_option, run_app
from tui.commands.options import dir_option, level_option, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from exam_bank.catalog import Catalog
    from exam_bank.datasets.store import Inventory, Store
    from exam_bank.task import Level, Task

CATEGORIES = range(1, 6)


@click.command()
@click.argument("names", nargs=-1, metavar="[TASK|CATEGORY]...")
@click.option("--minutes", type=float, metavar="N", help="Length of the session.  [default: 60]")
@level_option("Practise on this level: classic or hard.  [default: classic]")
@dir_option
@new_option
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    minutes: float | None,
    level: "Level | None",
    folder: "Path | None",
    beside: bool,
) -> None:
    """Practise single tasks (by id) or whole categories (1 to 5); without names, all tasks.

    Practice explains every grade, and its clock can be paused.

    \b
    Examples:
      tfexam practice garments
      tfexam practice 3 5 --minutes 90
      tfexam bank list                list the task ids
    """  # noqa: D301
    need_terminal()
    settings = settings_of(ctx, practice_minutes=minutes, level=level)
    need_no_running_clock(settings, beside)
    from engine.sitting.store.paper_choice import store_for
    from exam_bank.catalog import Catalog
    from tui.start import NewPractice

    bank = Catalog.find(settings.packs)
    tasks = chosen(bank, names, store_for(settings, bank, folder), settings.level)
    run_app(settings, NewPractice(tasks, settings.practice_minutes, folder, level=settings.level))


def chosen(
    catalog: "Catalog", names: tuple[str, ...], store: "Store", level: "Level"
) -> tuple[str, ...]:
    """The ids of the tasks that `names` (ids and category numbers) stand for, each once.

    Without names, every task; a category gives only the tasks that serve `level` and whose
    data are here. Raises `UnknownTaskError`, and for a task named by its id `LevelError` if it
    does not serve `level`, `DataError` if its data are missing.
    """
    by_id = [catalog.task(name) for name in names if not name.isdecimal()]
    for task in by_id:
        task.need_level(level)
    store.of_sources(task.says.source for task in by_id)
    holdings = store.look()
    found: list[Task] = []
    for name in names or map(str, CATEGORIES):
        found += (
            _of_category(catalog, name, holdings, level) if name.isdecimal() else [by_id.pop(0)]
        )
    return tuple(dict.fromkeys(task.id for task in found))


def _of_category(
    catalog: "Catalog", name: str, holdings: "Inventory", level: "Level"
) -> "list[Task]":
    """A category's tasks on `level` whose data are here; those without are named on stderr."""
    from engine.errors import UnknownTaskError

    if not catalog.of(int(name)):
        raise UnknownTaskError(f"There is no category {name}.", fix="Categories are 1 to 5.")
    tasks = catalog.of(int(name), level)
    left_out = [task.id for task in tasks if not holdings.is_here(task.says.source)]
    if left_out:
        click.echo(f"Left out, because their data are not here: {', '.join(left_out)}.", err=True)
    return [task for task in tasks if task.id not in left_out]
