"""Runs `tfexam bank check`: the proof of each task, its rows shown as they are finished."""

from collections.abc import Iterable, Sequence

import click
import msgspec

from engine import marking
from engine.settings import Settings
from exam_bank.catalog import BUILT_IN, Catalog
from exam_bank.datasets.store import Inventory
from exam_bank.errors import DataError
from exam_bank.proof import proof_file
from exam_bank.proof.check import ProofRow, check
from exam_bank.proof.summary import STATES, write_readme
from exam_bank.proof.table import text_table
from exam_bank.task import Task
from tui.commands.options import json_row


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How a proof is asked for on the command line."""

    seeds: int
    jobs: int
    write: bool
    notation: str


async def prove(tasks: Sequence[Task], wish: Wish, settings: Settings, holdings: Inventory) -> bool:
    """Prove `tasks`, show every row; whether all of them hold.

    A task whose data are not in `holdings` is passed over, with a word on stderr. With
    `write` each task's PROOF.md is renewed as soon as it is proved, also when a row failed
    (a table that hides failures proves nothing), and in the end the bank's summary.
    """
    from engine.grading.proof_marker import proof_tools  # brings numpy, which the app never loads

    rows: list[ProofRow] = []
    async with proof_tools(settings.logs_folder) as (run, marker):
        for task in tasks:
            try:
                dataset = holdings.of_source(task.says.source)
            except DataError as error:
                click.echo(f"– {task.id} cannot be proved here. {error}", err=True)
                continue
            found = await check(
                task,
                range(wish.seeds),
                marker,
                lambda row: _show(row, wish.notation),
                dataset,
                run=run,
                jobs=wish.jobs,
            )
            rows += found
            if wish.write:
                _write(task, found)
    if wish.notation == "text":
        click.echo(f"\n{text_table(rows)}")
    if wish.write:
        write_readme(_built_in())
    return all(row.ok for row in rows)


def _write(task: Task, rows: Sequence[ProofRow]) -> None:
    """Renew PROOF.md; where the folder itself is at fault there is nothing to prove."""
    if not any(row.kind == "folder" for row in rows):
        proof_file.write(task, proof_file.proof_of(task, rows))


def summarize(tasks: Iterable[Task]) -> bool:
    """Mark the PROOF.md of `tasks` anew and renew the bank's summary; trains nothing.

    Shows the state of each; whether all are proved.
    """
    states = []
    for task in tasks:
        proof = proof_file.read(task)
        if proof is not None:
            proof_file.write(task, proof_file.marked_anew(task, proof, marking.score))
        states.append(proof_file.state(task))
        click.echo(f"{task.id}: {STATES[states[-1]]}")
    write_readme(_built_in())
    return all(state == "proved" for state in states)


def _built_in() -> list[Task]:
    """The tasks that the bank's README speaks of, whatever packs are in force."""
    return [task for task in Catalog.find().tasks if task.folder.parent == BUILT_IN]


def _show(row: ProofRow, notation: str) -> None:
    if notation == "json":
        json_row(msgspec.to_builtins(row))
        return
    click.echo(_line(row))
    if row.log:
        click.echo(row.log.rstrip(), err=True)


def _line(row: ProofRow) -> str:
    glyph = "✓" if row.ok else "✗"
    seed = "" if row.seed is None else f" seed {row.seed}"
    points = "" if row.score is None else f" {row.score}/5"
    value = "" if row.value is None else f" {row.metric} {row.value:.4f}"
    cost = f" ({row.cpu_seconds:.0f} CPU s)" if row.cpu_seconds else ""
    return f"{glyph} {row.task}{seed}: {row.kind} {row.solution}{points}{value}{cost}: {row.why}"
