"""The proof of every built-in task with real TensorFlow and the real grader.

One test a task, so that two workers can share them. Nothing is written into the
repository: `tfexam bank check --write` keeps the table.
"""

import sys
from pathlib import Path

import pytest

from engine.grading.proof import GraderMarker
from exam_bank.authoring import check, new
from exam_bank.catalog import Catalog
from exam_bank.proof_table import text_table
from exam_bank.task import Task

SEEDS = range(3)
TASKS = Catalog.find().tasks

pytestmark = pytest.mark.slow


async def prove(task: Task, seeds: range, logs: Path) -> None:
    async with GraderMarker(logs) as marker:
        rows = await check(task, seeds, marker)
    sys.stdout.write(f"{text_table(rows)}\n")
    failed = [f"seed {row.seed} {row.solution}: {row.why}\n{row.log}" for row in rows if not row.ok]
    assert not failed, "\n".join(failed)
    assert {row.kind for row in rows} == {"data", "trivial", "starter", "weak", "reference"}


# The dearest task trains for minutes, three times; a busy machine doubles that.
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
async def test_a_task_measures_something(task: Task, tmp_path: Path) -> None:
    await prove(task, SEEDS, tmp_path)


async def test_a_new_task_can_be_proved_as_it_is(tmp_path: Path) -> None:
    await prove(Task.read(new("my-task", 2, tmp_path)), range(1), tmp_path / "logs")
