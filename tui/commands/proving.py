"""Runs `tfexam bank check`: the proof of each task, its rows shown as they are finished."""

from collections.abc import Sequence

import click
import msgspec

from engine.grading.proof import GraderMarker
from engine.settings import Settings
from exam_bank.authoring import ProofRow, check, write_readme
from exam_bank.datasets.store import Holdings
from exam_bank.errors import DataError
from exam_bank.proof_table import text_table
from exam_bank.task import Task
from tui.commands.options import json_row


async def prove(
    tasks: Sequence[Task],
    seeds: Sequence[int],
    settings: Settings,
    holdings: Holdings,
    notation: str,
    write: bool,
) -> bool:
    """Prove `tasks` over `seeds`, show every row; whether all of them hold.

    A task whose data are not in `holdings` is passed over, with a word on stderr.

    With `write` the table in the bank's README is renewed, also when a row failed: a table
    that hides failures proves nothing.
    """
    rows: list[ProofRow] = []
    async with GraderMarker(logs=settings.logs_folder) as marker:
        for task in tasks:
            try:
                dataset = holdings.of_source(task.says.source)
            except DataError as error:
                click.echo(f"– {task.id} cannot be proved here. {error}", err=True)
                continue
            rows += await check(task, seeds, marker, lambda row: _show(row, notation), dataset)
    if notation == "text":
        click.echo(f"\n{text_table(rows)}")
    if write:
        write_readme(rows)
    return all(row.ok for row in rows)


def _show(row: ProofRow, notation: str) -> None:
    if notation == "json":
        json_row(msgspec.to_builtins(row))
        return
    seed = "" if row.seed is None else f" seed {row.seed}"
    points = "" if row.score is None else f" {row.score}/5"
    cost = f" ({row.cpu_seconds:.0f} CPU s)" if row.cpu_seconds else ""
    glyph = "✓" if row.ok else "✗"
    click.echo(f"{glyph} {row.task}{seed}: {row.kind} {row.solution}{points}{cost}: {row.why}")
    if row.log:
        click.echo(row.log.rstrip(), err=True)
