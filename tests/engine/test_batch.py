import asyncio
import errno
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.grading.host import file_grader
from engine.grading.host.batch import FileToGrade, GradedFile, grade_files
from engine.grading.host.grader import Grader
from engine.grading.protocol import Graded, GraderFailed, Job, Rejected, TimedOut
from exam_bank import safe_files
from exam_bank.safe_files import copy_hashed
from exam_bank.task import Contract, Limits, MarkSchemes, ProofSpec, Task, TaskFile, Title
from tests.engine.fake_child import CONTRACT, SCHEME, command, noted, whole_hdf5

DATA = """
import numpy as np
from pathlib import Path
from exam_bank.material import HiddenSet, Material

def make(seed):
    with open(Path(__file__).parent / "made", "a") as made:
        made.write(f"{seed} ")
    if seed == 13:
        raise ValueError("unlucky")
    return Material({}, HiddenSet(np.zeros((20, 8, 8, 1)), np.zeros(20)), {})
"""


def a_task(folder: Path, seconds: float = 60, model_mb: float = 200) -> Task:
    folder.mkdir(exist_ok=True)
    (folder / "data.py").write_text(DATA)
    contract: Contract = CONTRACT
    scheme = MarkSchemes(
        metric=SCHEME.metric, direction=SCHEME.direction, thresholds=SCHEME.thresholds
    )
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
        proof=ProofSpec(weak={}),
        limits=Limits(seconds=seconds, model_mb=model_mb),
    )
    return Task(says=says, folder=folder)


async def grade(
    files: Sequence[FileToGrade], folder: Path, how: str, workers: int = 2
) -> list[GradedFile]:
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
    files = [
        FileToGrade(path, task, 1) for path in (good, text, tmp_path / "missing.h5", tmp_path, good)
    ]
    outcomes = await grade(files, tmp_path, "slow")
    assert [each.file for each in outcomes] == files
    assert [type(each.grade) for each in outcomes] == [Graded, Rejected, Rejected, Rejected, Graded]
    reasons = [each.grade.reason for each in outcomes if isinstance(each.grade, Rejected)]
    assert reasons == ["text_file", "missing_file", "folder"]
    assert outcomes[1].sha256 == hashlib.sha256(b"no model").hexdigest()
    assert outcomes[2].sha256 == outcomes[3].sha256 == ""


@pytest.mark.parametrize("in_place", [True, False])
async def test_the_digest_names_the_bytes_that_were_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_place: bool
) -> None:
    """The file is saved again, in place or by a rename, just before it is graded."""
    good = whole_hdf5(tmp_path / "good.h5")
    other = whole_hdf5(tmp_path / "other.h5", 4096)
    grade_of = Grader.grade

    def save_again(grader: Grader, job: Job, **more: Any) -> Any:
        good.write_bytes(other.read_bytes()) if in_place else other.replace(good)
        return grade_of(grader, job, **more)

    before = hashlib.sha256(good.read_bytes()).hexdigest()
    monkeypatch.setattr(Grader, "grade", save_again)
    (outcome,) = await grade(
        [FileToGrade(good, a_task(tmp_path / "task"), 1)], tmp_path, "shows_digest"
    )
    assert good.stat().st_size == 4096
    assert noted(outcome.grade) == outcome.sha256 == before
    assert not list((tmp_path / "logs").glob("job-*"))


async def test_a_file_that_is_too_large_is_neither_copied_nor_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = a_task(tmp_path / "task", model_mb=0.002)
    files = [whole_hdf5(tmp_path / f"{size}.h5", size) for size in (2000, 2001)]
    copied: list[int] = []

    def counted(source: Path, target: Path, most: int) -> str:
        try:
            return copy_hashed(source, target, most)
        finally:
            copied.append(target.stat().st_size if target.exists() else 0)

    monkeypatch.setattr(file_grader, "copy_hashed", counted)
    outcomes = await grade([FileToGrade(file, task, 1) for file in files], tmp_path, "grades", 1)
    assert isinstance(outcomes[0].grade, Graded)
    assert isinstance(outcomes[1].grade, Rejected)
    assert outcomes[1].grade.reason == "file_too_large"
    assert outcomes[1].sha256 == ""
    assert copied == [2000, 0]


def test_a_file_that_grows_while_it_is_copied_is_left_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe_files, "CHUNK", 4)
    growing = tmp_path / "growing"
    growing.write_bytes(b"12345678")
    said = os.fstat

    def smaller(handle: int) -> os.stat_result:
        found = list(said(handle))
        return os.stat_result([*found[:6], 4, *found[7:10]])

    monkeypatch.setattr(os, "fstat", smaller)
    with pytest.raises(OSError, match="grows"):
        copy_hashed(growing, tmp_path / "copy", 5)
    assert (tmp_path / "copy").stat().st_size <= 8
    assert copy_hashed(growing, tmp_path / "all", 8) == hashlib.sha256(b"12345678").hexdigest()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")
async def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "mymodel.h5"
    os.mkfifo(pipe)
    (outcome,) = await grade([FileToGrade(pipe, a_task(tmp_path / "task"), 1)], tmp_path, "grades")
    assert isinstance(outcome.grade, Rejected)
    assert (outcome.grade.reason, outcome.sha256) == ("not_a_file", "")


async def test_a_copy_that_cannot_be_made_is_our_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(file_grader, "copy_hashed", full)
    files = [whole_hdf5(tmp_path / "good.h5"), tmp_path / "missing.h5"]
    task = a_task(tmp_path / "task")
    outcomes = await grade([FileToGrade(file, task, 1) for file in files], tmp_path, "grades")
    assert [type(each.grade) for each in outcomes] == [GraderFailed, Rejected]
    assert "No space left" in outcomes[0].grade.message.text()


async def test_there_is_one_copy_a_worker_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = a_task(tmp_path / "task")
    good = whole_hdf5(tmp_path / "good.h5")
    there: list[int] = []
    freeze_one = copy_hashed

    def freeze(source: Path, target: Path, most: int) -> str:
        sha256 = freeze_one(source, target, most)
        there.append(len(list((tmp_path / "logs").glob("job-*/model.h5"))))
        return sha256

    monkeypatch.setattr(file_grader, "copy_hashed", freeze)
    await grade([FileToGrade(good, task, 1)] * 4, tmp_path, "shows_digest", workers=1)
    assert len(there) == 4
    assert max(there) <= 2  # its own, and the job folder of the last child where that still ends


async def test_one_time_out_loses_none_of_the_others(tmp_path: Path) -> None:
    fine, hasty = a_task(tmp_path / "fine"), a_task(tmp_path / "hasty", seconds=0.05)
    good = whole_hdf5(tmp_path / "good.h5")
    files = [FileToGrade(good, fine, 1), FileToGrade(good, hasty, 1), FileToGrade(good, fine, 1)]
    outcomes = await grade(files, tmp_path, "computes_a_while", workers=1)
    assert [type(each.grade) for each in outcomes] == [Graded, TimedOut, Graded]


async def test_hidden_sets_are_made_once_for_task_seed_and_code(tmp_path: Path) -> None:
    task = a_task(tmp_path / "task")
    good = whole_hdf5(tmp_path / "good.h5")
    files = [FileToGrade(good, task, seed) for seed in (1, 1, 2, 1)]
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
    outcomes = await grade(
        [FileToGrade(good, task, 13), FileToGrade(good, task, 1)], tmp_path, "grades"
    )
    assert [type(each.grade) for each in outcomes] == [GraderFailed, Graded]
    assert "unlucky" in outcomes[0].grade.message.text()


async def test_leaving_early_ends_every_child(tmp_path: Path) -> None:
    task = a_task(tmp_path / "task")
    text = tmp_path / "text.h5"
    text.write_text("no model")
    files = [FileToGrade(text, task, 1), FileToGrade(whole_hdf5(tmp_path / "good.h5"), task, 1)]
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
    assert not list((tmp_path / "logs").glob("job-*"))


async def test_no_files_give_no_answers(tmp_path: Path) -> None:
    assert await grade([], tmp_path, "grades") == []


async def test_each_file_is_told_as_soon_as_it_is_done(tmp_path: Path) -> None:
    task = a_task(tmp_path / "task")
    text = tmp_path / "text.h5"
    text.write_text("no model")
    files = [FileToGrade(whole_hdf5(tmp_path / "good.h5"), task, 1), FileToGrade(text, task, 1)]
    told: list[Path] = []
    done = grade_files(
        files,
        cache=tmp_path / "cache",
        logs=tmp_path / "logs",
        workers=2,
        command=command("slow"),
        on_done=lambda outcome: told.append(outcome.file.path),
    )
    assert [each.file.path async for each in done] == [files[0].path, text]
    assert sorted(told) == sorted(each.path for each in files)


@pytest.mark.parametrize("workers", [0, 9])
async def test_any_number_of_workers(tmp_path: Path, workers: int) -> None:
    task = a_task(tmp_path / "task")
    files = [FileToGrade(whole_hdf5(tmp_path / "good.h5"), task, 1)]
    outcomes = await grade(files, tmp_path, "grades", workers)
    assert isinstance(outcomes[0].grade, Graded)
