"""Runs `tfexam bank check`: proves each task, and shows each row as soon as it is done."""

from collections.abc import Iterable, Sequence

import click
import msgspec

from engine import marking
from engine.settings import Settings
from exam_bank.catalog import BUILT_IN, Catalog
from exam_bank.datasets import LocalDataset
from exam_bank.datasets.store import Inventory
from exam_bank.errors import DataError
from exam_bank.proof import proof_file
from exam_bank.proof.check import Marker, ProofRow, check
from exam_bank.proof.derived import with_derived
from exam_bank.proof.digits import COUNTED
from exam_bank.proof.kept import Kept, together
from exam_bank.proof.rows import Line, lines
from exam_bank.proof.solution_run import Run
from exam_bank.proof.summary import first_attempts, state_text, write_readme
from exam_bank.proof.table import share_lines, text_table
from exam_bank.task import Task
from tui.commands.options import json_row
from tui.locale import _, say


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a proof on the command line."""

    seeds: range
    jobs: int
    write: bool
    again: bool
    formulas: bool
    notation: str


async def prove(tasks: Sequence[Task], wish: Wish, settings: Settings, holdings: Inventory) -> bool:
    """Prove `tasks` and show every row; returns whether all of them hold.

    A task whose data are not in `holdings` is skipped, with a word on stderr. With `write`
    each task's PROOF.md is rewritten after every seed, even when a row failed (a table that
    hides failures proves nothing), and the bank's summary at the end.
    """
    from engine.grading import proof_marker  # brings numpy, which the app never loads

    tools = proof_marker.without_training if wish.formulas else proof_marker.proof_tools
    found: dict[str, tuple[Line, ...]] = {}
    rows: list[ProofRow] = []
    async with tools(settings.logs_folder) as (run, marker):
        for task in tasks:
            try:
                dataset = holdings.of_source(task.says.source)
            except DataError as error:
                said = _("– {task} cannot be proved here. {why}")
                click.echo(said.format(task=task.id, why=say(error.sentence)), err=True)
                continue
            proved = await _prove_one(task, wish, dataset, run, marker)
            rows += proved
            found[task.id] = _lines(task, proved)
    if wish.notation == "text":
        click.echo(f"\n{text_table(found)}\n{share_lines(rows)}")
    if wish.write:
        write_readme(_built_in())
    return all(line.ok for each in found.values() for line in each)


def _lines(task: Task, rows: Sequence[ProofRow]) -> tuple[Line, ...]:
    """The lines of `rows` and what follows from them; nothing does where nothing ran."""
    broken = any(row.kind == "folder" for row in rows)
    return tuple(lines(rows)) if broken else with_derived(task, lines(rows))


async def _prove_one(
    task: Task, wish: Wish, dataset: LocalDataset | None, run: Run, marker: Marker
) -> list[ProofRow]:
    kept = Kept.of(task, marking.score) if wish.write and not wish.again else Kept(task)
    return await check(
        task,
        wish.seeds,
        marker,
        lambda row: _show(row, wish.notation),
        dataset,
        run=run,
        jobs=wish.jobs,
        which="formulas" if wish.formulas else "all",
        kept=kept,
        on_seed=_Writing(task, kept).write if wish.write else lambda _rows: None,
    )


class _Writing:
    """Rewrites a task's PROOF.md after every seed, so that no training is ever lost."""

    def __init__(self, task: Task, kept: Kept) -> None:
        self._task, self._earlier = task, kept.other_seeds()
        self._found: list[ProofRow] = []

    def write(self, rows: list[ProofRow]) -> None:
        """Write the rows of one more seed."""
        self._found += rows
        found = together(self._earlier, self._found)
        proof_file.write(self._task, proof_file.proof_of(self._task, found))


def summarize(tasks: Iterable[Task]) -> bool:
    """Mark the PROOF.md of `tasks` again and rewrite the bank's summary; trains nothing.

    Shows the state of each, and how a first attempt scores; returns whether all are proved.
    """
    states = []
    tasks = list(tasks)
    for task in tasks:
        proof = proof_file.read(task)
        if proof is not None:
            proof_file.write(task, proof_file.marked_anew(task, proof, marking.score))
        states.append(proof_file.state(task))
        click.echo(f"{task.id}: {state_text(task)}")
    click.echo(first_attempts(tasks), nl=False)
    write_readme(_built_in())
    return all(state == "proved" for state in states)


def _built_in() -> list[Task]:
    """The tasks that the bank's README lists, whatever packs are in use."""
    return [task for task in Catalog.find().tasks if task.folder.parent == BUILT_IN]


def _show(row: ProofRow, notation: str) -> None:
    if notation == "json":
        json_row(msgspec.to_builtins(row))
        return
    seed = "" if row.seed is None else f" seed {row.seed}"
    level = f" on {row.level}" if row.level else ""
    points = "" if row.score is None else f" {row.score}/5"
    value = "" if row.value is None else f" {row.metric} {row.value:.{COUNTED}g}"
    cost = f" ({row.cpu_seconds:.0f} CPU s)" if row.cpu_seconds else ""
    glyph = "✓" if row.ok else "✗"
    found = f"{row.kind} {row.solution}{level}{points}{value}{cost}"
    click.echo(f"{glyph} {row.task}{seed}: {found}: {row.why}")
    if row.log:
        click.echo(row.log.rstrip(), err=True)
