import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.grading import wire
from engine.grading.host import supervision
from engine.grading.host.child import Child
from engine.grading.host.grader import Grader
from engine.grading.protocol import (
    Cancelled,
    Crashed,
    Graded,
    GraderFailed,
    Job,
    OutOfMemory,
    Progress,
    Rejected,
    Stage,
    TimedOut,
)
from exam_bank.platform.processor_use import ProcessorUse, Spent
from tests.engine.fake_child import a_job, command, noted
from tests.engine.graders import (
    MakeGrader,
    found,
    job_in,
    making,
    running,
    started,
    until,
    with_limits,
)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return job_in(tmp_path)


@pytest.fixture
async def grader_that(logs: Path) -> AsyncIterator[MakeGrader]:
    async with making(logs) as make:
        yield make


@pytest.mark.parametrize(("priority", "moves"), [("normal", ["lift", "lower"]), ("low", [])])
async def test_the_session_of_a_job_has_the_priority_of_a_training_until_its_answer(
    priority: wire.Priority,
    moves: list[str],
    logs: Path,
    job: Job,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    async def lift(_: Child) -> None:
        done.append("lift")

    monkeypatch.setattr(Child, "lift_session", lift)
    monkeypatch.setattr(Child, "lower_session", lambda _: done.append("lower"))
    grader = Grader(logs=logs, prewarm=False, command=command("grades"), priority=priority)
    during: list[list[str]] = []
    await grader.grade(job, lambda _: during.append(list(done)))
    await grader.close()
    assert during[-1] == moves[:1]
    assert done == moves


async def test_an_answer_comes_through_with_progress(grader_that: MakeGrader, job: Job) -> None:
    heard: list[Progress] = []
    grade = await grader_that("grades").grade(job, heard.append)
    assert isinstance(grade, Graded)
    assert (grade.score, grade.metric.value, grade.runtime) == (4, 0.85, "tf_keras")
    stages = [each.stage for each in heard]
    assert stages == [Stage.STARTING, Stage.INSPECTING, Stage.PREDICTING, Stage.MARKING]
    assert heard[-2].done == 0.5


async def test_the_child_gets_its_files_in_its_own_folder(
    grader_that: MakeGrader, job: Job
) -> None:
    grade = await grader_that("shows_files").grade(job)
    assert noted(grade) == "2048 ['inputs.npy', 'model.h5'] True"
    assert found(Path(job.model).parent, "mymodel.h5")


async def test_a_slow_model_times_out_with_its_size(
    grader_that: MakeGrader, job: Job, logs: Path
) -> None:
    grade = await grader_that("computes").grade(with_limits(job, seconds=0.2))
    assert isinstance(grade, TimedOut)
    assert "more than the 0.4 s of processor time" in grade.message.text()
    assert "48 M parameters" in grade.message.text()
    assert grade.seconds >= 0.4
    assert grade.runtime == "tf_keras"
    await until(lambda: not running(logs))


async def test_a_child_that_does_nothing_for_long_costs_no_points(
    grader_that: MakeGrader, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "LEAST_IDLE", 0.3)
    grade = await grader_that("hangs").grade(with_limits(job, seconds=0.1))
    assert isinstance(grade, GraderFailed)
    assert "did nothing" in grade.message.text()


@pytest.mark.parametrize("waited", [0.0, 1.0])
async def test_time_that_a_child_waits_for_a_processor_is_not_idle(
    grader_that: MakeGrader, job: Job, monkeypatch: pytest.MonkeyPatch, waited: float
) -> None:
    """Its wait is spread over threads, so it may be longer than the time that has passed."""
    monkeypatch.setattr(supervision, "LEAST_IDLE", 0.1)
    monkeypatch.setattr(ProcessorUse, "look", lambda _, passed: Spent(0.0, 2 * passed * waited))
    grade = await grader_that("slow").grade(with_limits(job, seconds=0.01))
    assert isinstance(grade, Graded if waited else GraderFailed)


@pytest.mark.parametrize("waited", [0.0, 1.0])
async def test_a_busy_machine_has_longer_to_start_a_child(
    grader_that: MakeGrader, job: Job, monkeypatch: pytest.MonkeyPatch, waited: float
) -> None:
    monkeypatch.setattr(ProcessorUse, "look", lambda _, passed: Spent(0.0, passed * waited))
    grade = await grader_that("starts_slowly", start_seconds=0.3).grade(job)
    assert isinstance(grade, Graded if waited else GraderFailed)


async def test_cancel_stops_what_runs(grader_that: MakeGrader, job: Job, logs: Path) -> None:
    grader = grader_that("hangs")
    heard: list[Progress] = []
    grading = asyncio.create_task(grader.grade(job, heard.append))
    await until(lambda: any(each.stage is Stage.PREDICTING for each in heard))
    grader.cancel()
    assert isinstance(await grading, Cancelled)
    await until(lambda: not running(logs))


async def test_cancel_before_the_child_is_ready(grader_that: MakeGrader, job: Job) -> None:
    grader = grader_that("never_ready")
    grading = asyncio.create_task(grader.grade(job))
    await asyncio.sleep(0)
    grader.cancel()
    assert isinstance(await grading, Cancelled)


async def test_cancel_with_nothing_to_cancel_changes_nothing(
    grader_that: MakeGrader, job: Job
) -> None:
    grader = grader_that("grades")
    grader.cancel()
    assert isinstance(await grader.grade(job), Graded)


async def test_an_abandoned_grading_leaves_no_child(
    grader_that: MakeGrader, job: Job, logs: Path
) -> None:
    grader = grader_that("hangs")
    grading = asyncio.create_task(grader.grade(job))
    await until(lambda: started(logs))
    grading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await grading
    await until(lambda: not running(logs))


async def test_a_crash_is_the_files_fault_once_it_has_come_twice(
    grader_that: MakeGrader, job: Job, logs: Path
) -> None:
    grade = await grader_that("segfault").grade(job)
    assert isinstance(grade, Crashed)
    assert "SIGSEGV" in grade.message.text()
    assert len(started(logs)) == 2


async def test_a_child_that_dies_before_the_file_is_our_fault(
    grader_that: MakeGrader, job: Job, logs: Path
) -> None:
    grade = await grader_that("exits_early").grade(job)
    assert isinstance(grade, GraderFailed)
    assert "exit status 3" in grade.message.text()
    assert len(started(logs)) == 2
    assert Path(grade.log).name in found(logs, "*.log")


async def test_a_child_that_is_dead_when_it_is_taken_is_no_less_a_try(
    grader_that: MakeGrader, job: Job, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Child.start

    async def slowly(*how: Any, **more: Any) -> Child:
        child = await start(*how, **more)
        await until(lambda: not child.alive)
        return child

    monkeypatch.setattr(Child, "start", slowly)
    grade = await grader_that("exits_early", start_seconds=5).grade(job)
    assert isinstance(grade, GraderFailed)
    assert "exit status 3" in grade.message.text()
    assert len(started(logs)) == 2


async def test_memory_is_watched(grader_that: MakeGrader, job: Job) -> None:
    grade = await grader_that("grows").grade(with_limits(job, memory_mb=80))
    assert isinstance(grade, OutOfMemory)
    assert "80 MB" in grade.message.text()


async def test_a_child_that_never_gets_ready(grader_that: MakeGrader, job: Job) -> None:
    grade = await grader_that("never_ready", start_seconds=0.2).grade(job)
    assert isinstance(grade, GraderFailed)
    assert "ready" in grade.message.text()


async def test_a_command_that_cannot_be_started(logs: Path, job: Job) -> None:
    grader = Grader(logs=logs, prewarm=False, command=["/nowhere/at/all"])
    grade = await grader.grade(job)
    assert isinstance(grade, GraderFailed)
    await grader.close()
    assert not found(logs, "*")


async def test_hidden_files_that_are_gone_are_our_fault(
    grader_that: MakeGrader, job: Job, tmp_path: Path
) -> None:
    grade = await grader_that("grades").grade(a_job(Path(job.model), tmp_path / "gone"))
    assert isinstance(grade, GraderFailed)
    assert "gone" in grade.message.text()


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "empty_file"), (b"hello\n", "text_file"), (None, "folder")]
)
async def test_what_is_no_model_needs_no_child(
    grader_that: MakeGrader,
    job: Job,
    tmp_path: Path,
    logs: Path,
    content: bytes | None,
    reason: str,
) -> None:
    path = tmp_path / "other.h5"
    path.mkdir() if content is None else path.write_bytes(content)
    grade = await grader_that("grades").grade(a_job(path, Path(job.hidden)))
    assert isinstance(grade, Rejected)
    assert grade.reason == reason
    assert not started(logs)


async def test_a_job_beside_another_is_refused_and_a_cancelled_one_makes_room(
    grader_that: MakeGrader, job: Job
) -> None:
    grader = grader_that("slow")
    heard: list[Stage] = []
    first = asyncio.create_task(grader.grade(job, lambda progress: heard.append(progress.stage)))
    await until(lambda: Stage.PREDICTING in heard)
    with pytest.raises(AssertionError):
        await grader.grade(job)
    grader.cancel()
    assert isinstance(await first, Cancelled)
    assert isinstance(await grader.grade(job), Graded)


async def test_a_warm_child_waits_and_the_next_is_warmed(
    grader_that: MakeGrader, job: Job, logs: Path
) -> None:
    grader = grader_that("grades", prewarm=True)
    await grader.start()
    await until(lambda: len(started(logs)) == 1)
    assert isinstance(await grader.grade(job), Graded)
    await until(lambda: len(started(logs)) == 2)


async def test_without_prewarm_nothing_waits(grader_that: MakeGrader, job: Job, logs: Path) -> None:
    grader = grader_that("grades")
    await grader.start()
    await grader.grade(job)
    await until(lambda: not running(logs))
    assert len(started(logs)) == 1


async def test_a_child_that_died_while_waiting_is_replaced(
    grader_that: MakeGrader, job: Job, logs: Path
) -> None:
    grader = grader_that("exits_waiting", prewarm=True)
    await grader.start()
    await until(lambda: started(logs) and not running(logs))
    await asyncio.sleep(0.1)  # the loop has to learn of the death
    assert isinstance(await grader.grade(job), Graded)


async def test_close_answers_what_runs(grader_that: MakeGrader, job: Job, logs: Path) -> None:
    grader = grader_that("hangs", prewarm=True)
    await grader.start()
    grading = asyncio.create_task(grader.grade(job))
    await until(lambda: started(logs))
    await grader.close()
    assert isinstance(await grading, Cancelled)
    assert not running(logs)
    assert isinstance(await grader.grade(job), Cancelled)


async def test_start_sweeps_up_after_a_killed_app(grader_that: MakeGrader, logs: Path) -> None:
    stale = logs / "job-999999999-abc"
    stale.mkdir(parents=True)
    (stale / "model.h5").touch()
    await grader_that("grades").start()
    assert not stale.exists()
