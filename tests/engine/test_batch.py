import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.grading.batch import Entry, Outcome, grade_files
from engine.grading.protocol import Graded, GraderFailed, Rejected, TimedOut
from exam_bank.task import Contract, Limits, MarkScheme, Proof, Task, TaskFile, Title
from tests.engine.fake_child import CONTRACT, SCHEME, command, whole_hdf5

DATA = """
import numpy as np
from pathlib import Path
from exam_bank.material import HiddenSet, Material

def make(seed):
    with open(Path(__file__).parent / "made", "a") as made:
        made.write(f"{seed} ")
    if seed == 13:
        raise ValueError("unlucky")
    return Material({}, HiddenSet(np.zeros((2, 8, 8, 1)), np.zeros(2)), {})
"""


def a_task(folder: Path, seconds: float = 60) -> Task:
    folder.mkdir(exist_ok=True)
    (folder / "data.py").write_text(DATA)
    contract: Contract = CONTRACT
    scheme: MarkScheme = SCHEME
    says = TaskFile(
        format_version=1,
        id="garments",
        category=2,
        title=Title(en="Garments", zh="服装"),
        weight=1,
        minutes=30,
        skills=(),
        source="synthetic",
        contract=contract,
        mark_scheme=scheme,
        proof=Proof(weak={}),
        limits=Limits(seconds=seconds),
    )
    return Task(says=says, folder=folder)


async def grade(files: Sequence[Entry], folder: Path, how: str, workers: int = 2) -> list[Outcome]:
    return [
        each
        async for each in grade_files(
            files,
            cache=folder / "cache",
            logs=folder / "logs",
            workers=workers,
            command=command(how),
        )
    ]


async def test_each_file_gets_its_own_grade_in_order(tmp_path: Path) -> None:
    task = a_task(tmp_path / "task")
    good = whole_hdf5(tmp_path / "good.h5")
    text = tmp_path / "text.h5"
    text.write_text("no model")
    files = [Entry(path, task, 1) for path in (good, text, tmp_path / "missing.h5", tmp_path, good)]
    outcomes = await grade(files, tmp_path, "slow")
    assert [each.entry for each in outcomes] == files
    assert [type(each.grade) for each in outcomes] == [Graded, Rejected, Rejected, Rejected, Graded]
    reasons = [each.grade.reason for each in outcomes if isinstance(each.grade, Rejected)]
    assert reasons == ["text_file", "missing_file", "folder"]
    assert outcomes[1].sha256 == hashlib.sha256(b"no model").hexdigest()
    assert outcomes[2].sha256 == outcomes[3].sha256 == ""


async def test_one_time_out_loses_none_of_the_others(tmp_path: Path) -> None:
    fine, hasty = a_task(tmp_path / "fine"), a_task(tmp_path / "hasty", seconds=0.05)
    good = whole_hdf5(tmp_path / "good.h5")
    files = [Entry(good, fine, 1), Entry(good, hasty, 1), Entry(good, fine, 1)]
    outcomes = await grade(files, tmp_path, "slow", workers=1)
    assert [type(each.grade) for each in outcomes] == [Graded, TimedOut, Graded]


async def test_hidden_sets_are_made_once_for_task_seed_and_code(tmp_path: Path) -> None:
    task = a_task(tmp_path / "task")
    good = whole_hdf5(tmp_path / "good.h5")
    files = [Entry(good, task, seed) for seed in (1, 1, 2, 1)]
    await grade(files, tmp_path, "grades")
    await grade(files, tmp_path, "grades")
    made = (tmp_path / "task" / "made").read_text().split()
    assert sorted(made) == ["1", "2"]
    (tmp_path / "task" / "data.py").write_text(DATA + "\n# changed\n")
    await grade(files, tmp_path, "grades")
    made = (tmp_path / "task" / "made").read_text().split()
    assert sorted(made) == ["1", "1", "2", "2"]


async def test_data_that_cannot_be_made_are_our_fault_and_that_tasks_only(tmp_path: Path) -> None:
    task = a_task(tmp_path / "task")
    good = whole_hdf5(tmp_path / "good.h5")
    outcomes = await grade([Entry(good, task, 13), Entry(good, task, 1)], tmp_path, "grades")
    assert [type(each.grade) for each in outcomes] == [GraderFailed, Graded]
    assert "unlucky" in outcomes[0].grade.message.text()


async def test_leaving_early_ends_every_child(tmp_path: Path) -> None:
    task = a_task(tmp_path / "task")
    text = tmp_path / "text.h5"
    text.write_text("no model")
    files = [Entry(text, task, 1), Entry(whole_hdf5(tmp_path / "good.h5"), task, 1)]
    grading = grade_files(
        files,
        cache=tmp_path / "cache",
        logs=tmp_path / "logs",
        workers=2,
        command=command("hangs"),
    )
    async for outcome in grading:
        assert isinstance(outcome.grade, Rejected)
        break
    await grading.aclose()
    assert not [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
    assert not list((tmp_path / "logs").glob("tray-*"))


async def test_no_files_give_no_answers(tmp_path: Path) -> None:
    assert await grade([], tmp_path, "grades") == []


async def test_each_file_is_told_as_soon_as_it_is_done(tmp_path: Path) -> None:
    task = a_task(tmp_path / "task")
    text = tmp_path / "text.h5"
    text.write_text("no model")
    files = [Entry(whole_hdf5(tmp_path / "good.h5"), task, 1), Entry(text, task, 1)]
    told: list[Path] = []
    done = grade_files(
        files,
        cache=tmp_path / "cache",
        logs=tmp_path / "logs",
        workers=2,
        command=command("slow"),
        on_done=lambda outcome: told.append(outcome.entry.path),
    )
    assert [each.entry.path async for each in done] == [files[0].path, text]
    assert sorted(told) == sorted(each.path for each in files)


@pytest.mark.parametrize("workers", [0, 9])
async def test_any_number_of_workers(tmp_path: Path, workers: int) -> None:
    task = a_task(tmp_path / "task")
    files = [Entry(whole_hdf5(tmp_path / "good.h5"), task, 1)]
    outcomes = await grade(files, tmp_path, "grades", workers)
    assert isinstance(outcomes[0].grade, Graded)
