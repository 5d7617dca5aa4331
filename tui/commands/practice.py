"""`tfexam practice`: single tasks, with a clock that can be paused."""

from typing import TYPE_CHECKING, NamedTuple

import click

from exam_bank.phrase import phrase
from tui.commands.open_app import need_no_running_clock, need_terminal, new_option, run_app
from tui.commands.options import SettingOption, dir_option, level_option, settings_of
from tui.locale import _, listed

if TYPE_CHECKING:
    from pathlib import Path

    from exam_bank.catalog import Catalog
    from exam_bank.datasets.store import Inventory, Store
    from exam_bank.task import Level, Task

CATEGORIES = range(1, 6)


@click.command()
@click.argument("names", nargs=-1, metavar="[TASK|CATEGORY|SKILL]...")
@click.option(
    "--minutes",
    type=float,
    metavar="N",
    cls=SettingOption,
    help="Length of the session.  [default: {practice_minutes}]",
)
@level_option("Practise on this level: classic or hard.  [default: {level}]")
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
    """Practise single tasks (by id), whole categories (1 to 5), or all tasks that test a skill.

    Without names, all tasks. Practice explains every grade, and its clock can be paused.

    \b
    Examples:
      tfexam practice garments
      tfexam practice 3 5 --minutes 90
      tfexam practice embeddings      a skill; several tasks test each
      tfexam bank list                list the task ids
      tfexam skills                   list the skills
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
    """The ids of the tasks that `names` (ids, category numbers, skills) stand for, each once.

    Without names, every task; categories and skills give only the tasks that serve `level` and
    whose data are here. Raises `UnknownTaskError`, and for a task named by its id `LevelError`
    if it does not serve `level`, `DataError` if its data are missing.
    """
    wanted = [_Wanted.of(catalog, name, level) for name in names or map(str, CATEGORIES)]
    _need_data(store, [each for each in wanted if each.by_id])
    holdings = store.look()
    found: list[Task] = []
    for each in wanted:
        found += each.tasks if each.by_id else _here(each.tasks, holdings)
    if not found:
        _need_data(store, wanted)
    return tuple(dict.fromkeys(task.id for task in found))


def _need_data(store: "Store", wanted: "list[_Wanted]") -> None:
    """Raise `DataError`, saying what to fetch, if data are not here."""
    store.of_sources(task.says.source for each in wanted for task in each.tasks)


class _Wanted(NamedTuple):
    """The tasks that one name stands for; `by_id` if it is a task's own."""

    tasks: "tuple[Task, ...]"
    by_id: bool = False

    @classmethod
    def of(cls, catalog: "Catalog", name: str, level: "Level") -> "_Wanted":
        """Raises `UnknownTaskError` if nothing has that name, `LevelError` for a task by its id."""
        from engine.errors import UnknownTaskError
        from exam_bank.learning.checklist import skill_tasks

        by_skill = skill_tasks(catalog.tasks)
        if name.isdecimal():
            tasks = catalog.of(int(name))
            said, fix = (
                phrase("There is no category {name}.", name=name),
                phrase("Categories are 1 to 5."),
            )
        elif name in by_skill and name not in {each.id for each in catalog.tasks}:
            tasks = by_skill[name]
            said = phrase("No task tests the skill {skill}: a model cannot show it.", skill=name)
            fix = phrase("`tfexam skills` lists the tasks for each skill.")
        else:
            task = catalog.task(name)
            task.need_level(level)
            return cls((task,), by_id=True)
        if not tasks:
            raise UnknownTaskError(said, fix=fix)
        found = tuple(each for each in tasks if level in each.levels)
        if not found:
            said = phrase("No task of {name} is on the level {level}.", name=name, level=level)
            raise UnknownTaskError(
                said, fix=phrase("Try --level {level}.", level=tasks[0].levels[0])
            )
        return cls(found)


def _here(tasks: "tuple[Task, ...]", holdings: "Inventory") -> "list[Task]":
    """Those of `tasks` whose data are here; the others are named on stderr."""
    left_out = [task.id for task in tasks if not holdings.is_here(task.says.source)]
    if left_out:
        said = _("Left out, because their data are not here: {tasks}.")
        click.echo(said.format(tasks=listed(left_out)), err=True)
    return [task for task in tasks if task.id not in left_out]
