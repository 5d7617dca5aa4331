"""When evidence is written, by whom, and that it can cost a grade nothing."""

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from engine.clock import ManualClock
from engine.grading import wire
from engine.grading.evidence import Evidence
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.marking import marking_main
from engine.grading.protocol import Graded, Job
from engine.sitting.state.sitting import Kind, Mode, Phase
from engine.sitting.store.evidence_files import appears, evidence_file
from tests.engine.graders import job_in
from tests.engine.hidden_sets import RIGHT, N, answers
from tests.engine.scene import Scene
from tests.engine.sittings import FIRST, make_settings, make_sitting

SHA256 = "ab" * 32


@pytest.fixture
async def marking() -> AsyncIterator[MarkingProcess]:
    marking = MarkingProcess()
    yield marking
    await marking.close()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return job_in(tmp_path)


async def mark(marking: MarkingProcess, job: Job, tmp_path: Path) -> Graded:
    (tmp_path / "predictions").write_bytes(answers("accuracy", 3))
    grade = await marking.mark(job, tmp_path / "predictions", (3,))
    assert isinstance(grade, Graded)
    # What is asked next is answered when evidence is made.
    assert isinstance(await marking.lay_out(job, tmp_path / "inputs.npy"), wire.LaidOut)
    return grade


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


async def test_the_marking_process_writes_what_the_grade_is_made_of(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    path = evidence_file(tmp_path, SHA256, job.task)
    asked = msgspec.structs.replace(job, evidence=str(path))
    grade = await mark(marking, asked, tmp_path)
    found = Evidence.read(path)
    assert (found.task, found.sha256) == (job.task, SHA256)
    assert (found.metric, found.score, found.scheme) == (grade.metric, grade.score, job.mark_scheme)
    assert found.classes is not None
    assert found.classes.confusion[0] == (RIGHT, 0, N - RIGHT)
    assert found.flip_risk is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_without_being_asked_it_writes_nothing(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    before = files(tmp_path)
    await mark(marking, job, tmp_path)
    assert files(tmp_path) == before | {"predictions", "inputs.npy"}


async def test_a_grader_that_closes_at_once_leaves_it_written(job: Job, tmp_path: Path) -> None:
    path = evidence_file(tmp_path, SHA256, job.task)
    asked = msgspec.structs.replace(job, evidence=str(path))
    (tmp_path / "predictions").write_bytes(answers("accuracy", 3))
    marking = MarkingProcess()
    assert isinstance(await marking.mark(asked, tmp_path / "predictions", (3,)), Graded)
    await marking.close()
    assert Evidence.read(path).score == 4


async def test_who_needs_it_can_wait_for_it(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    path = evidence_file(tmp_path, SHA256, job.task)
    assert not await appears(path, within=0.1)
    (tmp_path / "predictions").write_bytes(answers("accuracy", 3))
    asked = msgspec.structs.replace(job, evidence=str(path))
    await marking.mark(asked, tmp_path / "predictions", (3,))
    assert await appears(path)
    assert Evidence.read(path).score == 4


def test_the_answer_comes_first(job: Job, tmp_path: Path) -> None:
    path = evidence_file(tmp_path, SHA256, job.task)
    (tmp_path / "predictions").write_bytes(answers("accuracy", 3))
    asked = wire.Measure(
        hidden=job.hidden,
        draw=None,
        predictions=str(tmp_path / "predictions"),
        shape=(3,),
        contract=job.contract,
        mark_scheme=job.mark_scheme,
        evidence=str(path),
    )
    assert isinstance(marking_main.answer(wire.write(asked)), Graded)
    assert not path.exists()
    (tmp_path / "predictions").unlink()
    marking_main.do_put_off()
    assert path.exists()


@pytest.mark.parametrize("place", ["no/such/folder/evidence.json", "hidden"])
async def test_evidence_that_cannot_be_written_costs_no_grade(
    marking: MarkingProcess, job: Job, tmp_path: Path, place: str
) -> None:
    without = await mark(marking, job, tmp_path)
    asked = msgspec.structs.replace(job, evidence=str(tmp_path / place))
    assert await mark(marking, asked, tmp_path) == without


@pytest.mark.parametrize(
    ("mode", "kind", "kept"),
    [("coach", "practice", True), ("coach", "exam", True), ("faithful", "exam", False)],
)
async def test_a_sitting_asks_for_it_only_where_it_may_be_seen(
    tmp_path: Path, mode: Mode, kind: Kind, kept: bool
) -> None:
    clock, own = ManualClock(), make_settings(tmp_path)
    folder = await make_sitting(tmp_path, clock, settings=own, mode=mode, kind=kind)
    scene = Scene(folder, own, clock)
    await scene.started(3)
    scene.save("a")
    await scene.until_graded(1)
    (job,) = scene.grader.jobs
    sha256 = scene.sitting.submissions[0].sha256
    wanted = str(evidence_file(folder, sha256, FIRST).absolute()) if kept else None
    assert job.evidence == wanted
    await scene.close()
    assert scene.sitting.phase is Phase.RUNNING


def test_a_child_is_told_nothing_of_it(job: Job, tmp_path: Path) -> None:
    asked = msgspec.structs.replace(job, evidence="/some/where")
    told = wire.ChildJob.of(asked, model=tmp_path, inputs=tmp_path, input_scale=1.0)
    assert "/some/where" not in json.dumps(msgspec.to_builtins(told))
