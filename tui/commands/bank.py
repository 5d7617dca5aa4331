"""`tfexam bank`: the tasks, what each asks for, and the proof each must carry."""

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.errors import TaskFileError, TfexamError, UntrustedPackError
from exam_bank.printable import printable
from tui.commands.options import (
    LARGEST_SEED,
    format_option,
    json_row,
    level_option,
    settings_of,
    table,
    usual_level,
)
from tui.commands.task_facts import json_facts, not_withheld, text_facts, why_withheld
from tui.limits import need_threads
from tui.locale import N_, _, listed, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.settings import Settings
    from exam_bank.catalog import Catalog
    from exam_bank.datasets.store import Inventory
    from exam_bank.task import Level, Task


@click.group()
def command() -> None:
    """List and check the tasks, or start a new one.

    More tasks come from folders that TFEXAM_BANK names, and from installed packages that
    offer one (entry point tfexam.bank).
    """


def catalog_of(ctx: click.Context) -> "Catalog":
    """The current bank; packs that had to be left out are named on stderr.

    Raises `TaskFileError` for a broken task in a folder that TFEXAM_BANK names.
    """
    from exam_bank.catalog import Catalog

    bank = Catalog.find(settings_of(ctx).packs)
    for fault in bank.faults:
        click.echo(printable(f"✗ {fault}"), err=True)
    return bank


@command.command("list")
@format_option("text", "json")
@click.pass_context
def list_tasks(ctx: click.Context, notation: str) -> None:
    """List all tasks by category, with their levels and the state of their data and proof.

    Fresh papers are drawn from all of them, except drafts that `tfexam bank check --write` has
    not proved on this machine.
    """
    from exam_bank.proof.proof_file import state as state_of
    from exam_bank.task_choice import is_drawn

    bank, settings = catalog_of(ctx), settings_of(ctx)
    holdings = settings.data_store(bank.registry).look()
    if notation == "json":
        for task in bank.tasks:
            state = {"available": holdings.is_here(task.says.source), "proof": state_of(task)}
            json_row(task.listing() | state | {"drawn": is_drawn(task)})
        return
    rows = [_row(task, holdings, settings.language) for task in bank.tasks]
    click.echo(table(list(map(_, _HEAD)), rows))


_HEAD = (
    *(N_("category"), N_("id"), N_("weight"), N_("minutes"), N_("levels"), N_("metric")),
    *(N_("source"), N_("data"), N_("proof"), N_("title")),
)


def _row(task: "Task", holdings: "Inventory", language: str) -> tuple[object, ...]:
    from exam_bank.proof.summary import state_text as proof_text
    from exam_bank.task_choice import is_drawn
    from tui.text.dataset_state import state_text

    says = task.says
    levels = listed(task.levels)
    figures = (f"{says.weight:g}", f"{says.minutes:g}", levels, says.mark_scheme.metric)
    data = (says.source, state_text(says.source, holdings))
    proof = say(proof_text(task))
    if not is_drawn(task):
        proof = _("not drawn: {why}").format(why=proof)
    return (task.category, task.id, *figures, *data, proof, task.title(language))


@command.command(short_help="Show what a task asks for.")
@click.argument("name", metavar="TASK")
@level_option("Show the marks of this level only.")
@format_option("text", "json")
@click.pass_context
def show(ctx: click.Context, name: str, level: "Level | None", notation: str) -> None:
    """Show what a task asks for: its contract, its marks on each level, and its brief.

    While the clock of a faithful exam runs, the marks of its tasks are not shown.
    """
    bank, settings = catalog_of(ctx), settings_of(ctx)
    task = bank.task(name)
    if level:
        task.need_level(level)
    levels = (level,) if level else task.levels
    withheld = why_withheld(task, settings)
    if notation == "json":
        json_row(json_facts(task, levels, withheld) | {"brief": task.brief(settings.language)})
        return
    facts = text_facts(task, settings.language, _data_of(task, bank, settings), levels, withheld)
    click.echo(facts)
    click.echo(task.brief(settings.language).rstrip())


def _data_of(task: "Task", bank: "Catalog", settings: "Settings") -> str:
    """The task's data set with its state and licence; nothing for a task that makes its data."""
    from tui.text.dataset_state import state_text

    source = task.says.source
    if source not in bank.registry.sets:
        return ""
    state = state_text(source, settings.data_store(bank.registry).look())
    return _("from {source}: {state} ({licence})").format(
        source=source, state=state, licence=bank.registry.sets[source].licence
    )


@command.command(short_help="Prove that tasks measure what they claim.")
@click.argument("names", nargs=-1, metavar="[TASK]...")
@click.option(
    "--seeds",
    metavar="N",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="How many seeds to use.",
)
@click.option(
    "--first",
    metavar="N",
    type=click.IntRange(0, LARGEST_SEED),
    default=0,
    show_default=True,
    help="The first seed. Thresholds were set with seeds below 100; later ones are fresh.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many seeds to run at once.",
)
@click.option(
    "--write",
    is_flag=True,
    help="Also write each task's PROOF.md, seed by seed, and the summary. Results that it "
    "already holds for the same code and data are not run again.",
)
@click.option("--again", is_flag=True, help="With --write: run everything again.")
@click.option(
    "--formulas",
    is_flag=True,
    help="Train nothing: check only the data, formulas and straight lines.",
)
@click.option(
    "--summary",
    is_flag=True,
    help="Train nothing: mark each PROOF.md again by the current mark scheme, and write the "
    "summary in exam_bank/README.md.",
)
@format_option("text", "json")
@click.pass_context
def check(
    ctx: click.Context,
    names: tuple[str, ...],
    seeds: int,
    first: int,
    jobs: int,
    write: bool,
    again: bool,
    formulas: bool,
    summary: bool,
    notation: str,
) -> None:
    """Prove that tasks measure what they claim; without names, all tasks.

    For every seed and level: the starter as shipped scores 0, a trivial predictor at most
    1/5, a straight line and each weak solution no more than allowed, each decent one 3/5 or
    4/5, and each reference solution 5/5 within its minutes. On classic, where bounds are
    wider, each course solution scores 3/5 or more and the best one 5/5. Over many seeds, 5
    in 100 of the decent and course ones may miss, and 2 in 100 of the references. One
    training counts on both levels. This takes minutes per task. Exits with status 1 if a
    solution fails.
    """
    import asyncio

    if formulas and write:
        raise click.UsageError(_("--formulas proves too little to be written: leave out --write."))
    bank = catalog_of(ctx)
    tasks = tuple(bank.task(name) for name in names) or bank.tasks
    if not summary:
        need_threads()  # before numpy is imported, which would fail without them
    from tui.commands.bank_check import Wish, prove, summarize

    if summary:
        ctx.exit(0 if summarize(tasks) else 1)
    settings = settings_of(ctx)
    tasks = not_withheld(tasks, settings)
    _need_trust(tasks, settings)
    holdings = settings.data_store(bank.registry).look()
    wish = Wish(
        seeds=range(first, first + seeds),
        jobs=jobs,
        write=write,
        again=again,
        formulas=formulas,
        notation=notation,
    )
    if not asyncio.run(prove(tasks, wish, settings, holdings)):
        ctx.exit(1)


@command.command("try", short_help="Make a task's folder to try it by hand.")
@click.argument("name", metavar="TASK")
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True)
@level_option("As on this level: on classic, brief and starter may name a target.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to make Category<N> in.",
)
@click.pass_context
def try_out(ctx: click.Context, name: str, seed: int, level: "Level | None", folder: Path) -> None:
    """Make a task's folder as candidates get it, outside any sitting.

    Any mymodel.h5 that is saved there can then be graded:
    tfexam grade DIR/Category2/mymodel.h5 --task TASK --seed N
    """
    import asyncio

    bank, settings = catalog_of(ctx), settings_of(ctx)
    task = bank.task(name)
    level = level or usual_level(task, settings)
    task.need_level(level)
    _need_trust([task], settings)
    need_threads()
    dataset = settings.data_store(bank.registry).look().of_source(task.says.source)
    from tui.commands.bank_try import lay_out_alone

    made = asyncio.run(lay_out_alone(task, seed, folder.absolute(), dataset, settings, level))
    click.echo(
        _("{made} is what a candidate gets. To grade a model saved there:").format(made=made)
    )
    said = "" if level == usual_level(task, settings) else f" --level {level}"
    model = folder / made.name / "mymodel.h5"
    click.echo(f"  tfexam grade {model} --task {name} --seed {seed}{said}")


@command.command(short_help="Start a new task.")
@click.argument("name", metavar="TASK")
@click.option("--category", type=click.IntRange(1, 5), required=True)
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The pack to make it in.  [default: this folder]",
)
@click.pass_context
def new(ctx: click.Context, name: str, category: int, folder: Path) -> None:
    """Start a new task: a folder with every file it needs, for you to fill in."""
    from exam_bank.authoring import skeleton

    may_run = _is_ours(folder)
    made = skeleton.new(name, category, folder.absolute())
    if may_run:  # the only new code is what we wrote
        _keep_trust(made.parent, settings_of(ctx))
    click.echo(_("Created {made}. Fill it in, then:").format(made=made))
    click.echo(f"  TFEXAM_BANK={made.parent} tfexam bank check {name}")


def _is_ours(pack: Path) -> bool:
    """Whether `pack` holds no code that somebody would have to approve first."""
    from engine.pack_trust import is_trusted

    with contextlib.suppress(TfexamError, OSError):
        return not any(pack.glob("*/task.toml")) or is_trusted(pack)
    return False


def _keep_trust(pack: Path, settings: "Settings") -> None:
    """Trust a pack as it is now; a folder that cannot be a pack is only named."""
    from engine.pack_trust import trust

    try:
        trust(pack, settings)
    except TaskFileError as error:
        click.echo(f"! {say(error.message)}", err=True)


def _need_trust(tasks: "Sequence[Task]", settings: "Settings") -> None:
    """Raise `UntrustedPackError` for code that may not run; at a terminal, ask first.

    An author changes a pack all day, and each change must be approved again.
    """
    from engine.pack_trust import need_trust, trust
    from exam_bank.pack_files import digest

    for pack, task in {each.folder.parent: each for each in tasks}.items():
        try:
            need_trust([task], settings)
        except UntrustedPackError as error:
            if not _can_ask():
                raise
            seen = digest(pack)
            click.echo(f"! {say(error.message)}", err=True)
            click.confirm(_("Allow its code to run now?"), abort=True, err=True)
            trust(pack, settings, seen)
    need_trust(tasks, settings)


def _can_ask() -> bool:
    return sys.stdin.isatty()


@command.command(short_help="Let a pack's code run here.")
@click.argument("pack", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def trust(ctx: click.Context, pack: Path, yes: bool) -> None:
    """Let the code of a task pack run on this machine.

    A pack is code: its data.py runs with your rights to make a task's data. tfexam asks once
    for each pack that TFEXAM_BANK names, and again when one of its files has changed. Until
    you agree, nothing in a pack runs.
    """
    from engine.pack_trust import trust as keep
    from exam_bank.catalog import Catalog
    from exam_bank.pack_files import digest

    folder = pack.absolute()
    seen = digest(folder.resolve())  # trust exactly what is shown below
    tasks = [
        task for task in Catalog.find((folder,)).tasks if task.folder.parent == folder.resolve()
    ]
    said = _("{folder} holds {n} tasks. Their code:").format(folder=folder, n=len(tasks))
    click.echo(printable(said))
    for task in tasks:
        click.echo(printable(f"  {task.folder / 'data.py'}"))
    if not yes:
        click.confirm(_("Allow it to run on this machine?"), abort=True)
    keep(folder, settings_of(ctx), seen)
    click.echo(printable(_("{folder} is trusted.").format(folder=folder)))
