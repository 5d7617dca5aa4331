"""The machine's free memory limits a grading; too little never costs points."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from engine.grading import sandbox
from engine.grading.child import worker
from engine.grading.host import grader
from engine.grading.host.grader import RESERVE_MB, Grader, blamed, share_of
from engine.grading.protocol import (
    Graded,
    GraderFailed,
    Job,
    Message,
    OutOfMemory,
    Rejected,
    failed,
    score_of,
)
from engine.grading.wire import ChildJob
from exam_bank.task import Limits
from tests.engine.fake_child import a_job, command
from tests.engine.hidden_sets import write_hidden
from tests.hostile.models import line_model

HELD = 300_000_000


@pytest.fixture
def job(tmp_path: Path) -> Job:
    model, hidden = tmp_path / "mymodel.h5", tmp_path / "hidden"
    line_model(model)
    return a_job(model, write_hidden(hidden), Limits(memory_mb=6_000))


def has_free(monkeypatch: pytest.MonkeyPatch, megabytes: float) -> None:
    monkeypatch.setattr(grader, "free_mb", lambda: megabytes)


@pytest.mark.parametrize(
    ("free", "graders", "given"),
    [(16_000, 1, 6_000), (3_000, 1, 2_300), (3_000, 2, 1_300), (1_500, 1, 800)],
)
def test_a_grading_gets_what_is_free_but_the_last_gigabyte(
    free: float, graders: int, given: float, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_free(monkeypatch, free)

    found = share_of(job, HELD, graders)

    assert isinstance(found, Job)
    assert found.memory_mb == given
    assert found.limits == job.limits, "a file is held against the task's own limit"


def test_without_room_for_tensorflow_there_is_no_grading(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_free(monkeypatch, 1_200)

    found = share_of(job, HELD)

    assert isinstance(found, GraderFailed)
    assert "only 1200 MB of free memory" in found.message.text()


def test_only_the_tasks_own_limit_is_the_files_fault(job: Job) -> None:
    large = OutOfMemory(message=Message("too large"))
    refused = Rejected(message=Message("too large"), reason="too_large_inside")
    small = job.on_machine(2_000)

    assert blamed(large, job) is large
    assert blamed(large, job.on_machine(9_000)) is large
    assert blamed(refused, small) is refused
    ours = blamed(large, small)
    assert isinstance(ours, GraderFailed)
    assert (
        "only 2000 MB of memory for grading, less than this task's 6000 MB" in ours.message.text()
    )
    assert score_of(ours) is None


def test_the_child_holds_itself_to_what_the_machine_gives(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []
    monkeypatch.setattr(sandbox, "limit", lambda _seconds, memory: given.append(memory))
    monkeypatch.setattr(worker, "grade", lambda *_: failed("It was not graded."))

    for one in (job, job.on_machine(2_000), job.on_machine(9_000)):
        told = ChildJob.of(one, model=Path("m"), inputs=Path("i"), input_scale=1.0)
        worker.grade_line(msgspec.json.encode(told), lambda _: None, 0)

    assert given == [6_000, 2_000, 6_000]


def test_free_memory_is_a_number_here() -> None:
    assert 0 < grader.free_mb() < 1e8


@pytest.fixture
async def growing(tmp_path: Path) -> AsyncIterator[Grader]:
    grader = Grader(logs=tmp_path / "logs", prewarm=False, command=command("grows"))
    yield grader
    await grader.close()


async def test_a_child_that_outgrows_the_machine_costs_no_points(
    growing: Grader, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grader, "NEEDED_MB", 0)
    has_free(monkeypatch, RESERVE_MB + 60)

    grade = await growing.grade(job)

    assert isinstance(grade, GraderFailed), grade
    assert "close other programs and grade it again" in grade.message.text()


async def test_on_a_machine_with_room_nothing_changes(
    tmp_path: Path, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_free(monkeypatch, 64_000)
    grader = Grader(logs=tmp_path / "logs", prewarm=False, command=command("answers"))

    assert isinstance(await grader.grade(job), Graded)
    await grader.close()
