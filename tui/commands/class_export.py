"""`tfexam class export`: an autograder for a system that runs one for each submission."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commands.options import LARGEST_SEED, level_option, settings_of, usual_level
from tui.locale import _

if TYPE_CHECKING:
    from engine.settings import Settings
    from exam_bank.catalog import Catalog
    from exam_bank.task import Level, Task


@click.command("export")
@click.option("--gradescope", "system", flag_value="gradescope", help="For Gradescope: a zip.")
@click.option("--code", metavar="TFX-…", help="Grade by the tasks and seeds of this paper.")
@click.option("--task", metavar="ID", help="Grade all files by this one task.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, LARGEST_SEED),
    help="Use the hidden set of this seed, with --task.  [default: 0]",
)
@level_option("Mark --task on this level; --code brings its own.")
@click.option(
    "--out",
    metavar="FILE",
    default="autograder.zip",
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The zip to write.",
)
@click.pass_context
def command(
    ctx: click.Context,
    system: str | None,
    code: str | None,
    task: str | None,
    seed: int | None,
    level: "Level | None",
    out: Path,
) -> None:
    """Make an autograder that grades without a network, as `tfexam grade` does here.

    The zip holds tfexam itself, what names the paper, and the data sets that its tasks need. Who
    has it can make the hidden data, so upload it and give it to nobody.

    \b
    Examples:
      tfexam class export --gradescope --code TFX-7Q2M-0KXD-93YA
      tfexam class export --gradescope --task garments --seed 7 --out garments.zip
    """  # noqa: D301
    if system is None:
        raise click.UsageError(_("Say for which system: --gradescope."))
    if (code is None) == (task is None):
        said = _("Use either --code, for a paper, or --task, for a single task.")
        raise click.UsageError(said)
    if code is not None and (seed is not None or level is not None):
        raise click.UsageError(_("--code brings its own seeds and level."))
    from engine.classroom.autograder_zip import write_autograder
    from exam_bank.catalog import Catalog

    settings = settings_of(ctx)
    bank = Catalog.find(settings.packs)
    tasks, options = _named(bank, settings, code, task, seed, level)
    store = settings.data_store(bank.registry)
    found = store.of_sources(each.says.source for each in tasks)
    datasets = [each for each in found.values() if each is not None]
    write_autograder(out, tasks=tasks, options=options, datasets=datasets)
    click.echo(_("Written: {file}. docs/classroom.md says how to upload it.").format(file=out))


def _named(
    bank: "Catalog",
    settings: "Settings",
    code: str | None,
    task: str | None,
    seed: int | None,
    level: "Level | None",
) -> "tuple[list[Task], list[str]]":
    """The tasks, and the options of `tfexam grade` that name them."""
    from exam_bank.paper import from_code

    if code is not None:
        paper = from_code(bank, code)
        return [bank.task(each.task) for each in paper.tasks], ["--code", paper.code]
    assert task is not None
    named = bank.task(task)
    return [named], _options(named, seed, level or usual_level(named, settings))


def _options(task: "Task", seed: int | None, level: "Level") -> list[str]:
    task.need_level(level)
    return ["--task", task.id, "--seed", str(seed or 0), "--level", level]
