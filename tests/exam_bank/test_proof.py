"""The proof of every built-in task with real TensorFlow and the real grader.

One seed and the cheapest solution of each kind: the whole proof, over more seeds, is
what PROOF.md keeps, and `test_proof_file.py` holds that it is of the folder as it is. So
here only what no digest can tell is tried again: that this machine's TensorFlow, numpy
and grader still give those scores, from those bytes. Tasks that train longer are left out
unless PROVE_ALL is set: together they are most of an hour.
"""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from engine.grading.proof_marker import ProofTools, grader_marker, proof_tools
from exam_bank.catalog import Catalog
from exam_bank.proof import proof_file
from exam_bank.proof.check import ProofRow, check, new
from exam_bank.proof.proof_file import Proof
from exam_bank.proof.rows import lines
from exam_bank.proof.table import text_table
from exam_bank.task import CATEGORIES, Task
from tests.exam_bank.data_here import dataset_of

TASKS = Catalog.find().tasks

# Of processor time, for the dearest solution of a task that is proved each time.
MINUTES = 0.35

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ways(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProofTools]:
    """One warm process for all tasks of this worker."""
    async with proof_tools(tmp_path_factory.mktemp("logs")) as found:
        yield found


def hold(rows: list[ProofRow], proof: Proof | None = None) -> None:
    """Every row holds; of a task that carries a `proof`, those of which that says so."""
    sys.stdout.write(f"{text_table({rows[0].task: lines(rows)})}\n")
    claimed = {(line.kind, line.solution) for line in proof.lines if line.ok} if proof else None
    failed = [
        f"seed {row.seed} {row.solution}: {row.why}\n{row.log}"
        for row in rows
        if not row.ok and (claimed is None or (row.kind, row.solution) in claimed)
    ]
    assert not failed, "\n".join(failed)
    assert {row.kind for row in rows} >= {"data", "trivial", "starter", "weak", "reference"}


# The dearest task trains for a minute; a busy machine makes several of it.
@pytest.mark.timeout(1800)
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
async def test_a_task_measures_something(task: Task, ways: ProofTools) -> None:
    proof = proof_file.read(task)
    if proof is None:
        pytest.skip("unproved: nobody claims its scores yet")
    if max(line.cpu_minutes for line in proof.lines) > MINUTES and "PROVE_ALL" not in os.environ:
        pytest.skip("trains long: proved with PROVE_ALL=1, or by tfexam bank check")
    rows = await check(
        task, [0], ways.marker, dataset=dataset_of(task), run=ways.run, which="cheapest"
    )
    hold(rows, proof)
    assert [row.digest for row in rows if row.kind == "data"] == [proof.digests[0]]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("category", CATEGORIES)
async def test_a_new_task_can_be_proved_as_it_is(
    tmp_path: Path, category: int, ways: ProofTools
) -> None:
    task = Task.read(new("my-task", category, tmp_path))
    hold(await check(task, [0], ways.marker, run=ways.run))


async def test_a_task_is_proved_where_no_process_can_fork(tmp_path: Path) -> None:
    """With a Python and a grading child for each solution."""
    task = Task.read(new("my-task", 1, tmp_path))
    async with grader_marker(tmp_path / "logs") as marker:
        hold(await check(task, [0], marker))
