"""Whose fault it is when a child gives no answer, or one that cannot be."""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.grading.host import child as child_module
from engine.grading.host import supervision, verdicts, watch
from engine.grading.host.child import Child
from engine.grading.protocol import (
    Grade,
    Graded,
    GraderFailed,
    Job,
    OutOfMemory,
    Progress,
    Stage,
    TimedOut,
)
from exam_bank.platform import kernel
from tests.engine.fake_child import command
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

STOPS = pytest.mark.skipif(sys.platform == "win32", reason="nothing can be stopped there")


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


@pytest.mark.parametrize("how", ["exits_early_once", "killed_once", "segfault_once", "stops_once"])
async def test_what_may_be_our_fault_is_tried_once_more(
    grader_that: MakeGrader, job: Job, logs: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "MOST_STOPPED", 0.2)
    assert isinstance(await grader_that(how).grade(job), Graded)
    assert len(started(logs)) == 2
    kept = 0 if how == "segfault_once" else 1
    await until(lambda: not running(logs) and len(found(logs, "*.log")) == kept)


async def test_killed_from_outside_twice_costs_no_points(grader_that: MakeGrader, job: Job) -> None:
    assert isinstance(await grader_that("killed").grade(job), GraderFailed)


async def test_a_large_child_that_is_killed_within_its_limit_costs_no_points(
    grader_that: MakeGrader, job: Job
) -> None:
    grade = await grader_that("large_and_killed").grade(with_limits(job, memory_mb=110))
    assert isinstance(grade, GraderFailed)


async def test_a_machine_that_ran_out_of_memory_is_named(
    grader_that: MakeGrader, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "oom_kills", itertools.count().__next__)
    grade = await grader_that("killed").grade(job)
    assert isinstance(grade, GraderFailed)
    assert "ran out of memory" in grade.message.text()


@pytest.mark.skipif(sys.platform != "linux", reason="no such limit elsewhere")
@pytest.mark.parametrize(("overtime", "verdict"), [(-119.6, TimedOut), (0, GraderFailed)])
async def test_the_kernels_limit_of_processor_time_is_a_time_out(
    grader_that: MakeGrader,
    job: Job,
    monkeypatch: pytest.MonkeyPatch,
    overtime: float,
    verdict: type[Grade],
) -> None:
    """The kernel really kills; the second case is one that somebody else killed early."""
    monkeypatch.setattr(verdicts, "_OVERTIME", overtime)
    assert isinstance(await grader_that("uses_up_the_processor").grade(job), verdict)


@STOPS
async def test_a_stopped_child_costs_no_points(
    grader_that: MakeGrader, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "MOST_STOPPED", 1.0)
    monkeypatch.setattr(supervision, "LEAST_IDLE", 0.5)
    grade = await grader_that("stops").grade(with_limits(job, seconds=0.2))
    assert isinstance(grade, GraderFailed)
    assert "outside tfexam stopped" in grade.message.text()


@STOPS
async def test_the_time_for_which_a_child_is_stopped_does_not_count(
    grader_that: MakeGrader, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "LEAST_IDLE", 0.7)
    grade = await grader_that("stopped_a_while").grade(with_limits(job, seconds=0.3))
    assert isinstance(grade, Graded)
    assert grade.seconds >= 0.7


async def test_an_answer_that_came_while_the_app_stood_still_counts(
    grader_that: MakeGrader, job: Job, logs: Path
) -> None:
    def stand_still(progress: Progress) -> None:
        if progress.stage is Stage.PREDICTING:
            (logs / "answer").touch()
            while not (logs / "answered").exists():
                time.sleep(0.01)
            time.sleep(0.5)

    grader = grader_that("answers_while_nobody_looks")
    grade = await grader.grade(with_limits(job, seconds=0.3), stand_still)
    assert isinstance(grade, Graded)


async def test_a_child_that_closes_its_mouth_and_lives_on_is_given_up(
    grader_that: MakeGrader, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "LEAST_IDLE", 0.5)
    grade = await grader_that("closes_stdout").grade(with_limits(job, seconds=0.2))
    assert isinstance(grade, GraderFailed)


async def test_a_child_that_talks_without_a_pause_is_shown_with_pauses(
    grader_that: MakeGrader, job: Job
) -> None:
    heard: list[Progress] = []
    grade = await grader_that("chatters").grade(job, heard.append)
    assert isinstance(grade, GraderFailed)
    assert "more than any answer" in grade.message.text()
    assert len(heard) < 5_000


async def test_a_child_that_talks_is_looked_at_all_the_same(
    grader_that: MakeGrader, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(Child, "holds_more_than", lambda *_: True)
    assert isinstance(await grader_that("chatters").grade(job), OutOfMemory)


async def test_a_child_that_says_it_begins_again_gives_no_answer(
    grader_that: MakeGrader, job: Job
) -> None:
    grade = await grader_that("begins_again").grade(job)
    assert isinstance(grade, GraderFailed)
    assert "begin again" in grade.message.text()


GRADED = {
    "verdict": "graded",
    "message": {"template": "5 of 5"},
    "score": 5,
    "metric": {"name": "accuracy", "value": 1.0, "n": 20},
}


@pytest.mark.parametrize(
    "lie",
    [
        GRADED,
        GRADED | {"score": 4, "metric": {"name": "accuracy", "value": 0.85, "n": 20}},
        {"shape": []},
        {"shape": [2]},
        {"shape": [3, 1]},
        {"shape": [2**62]},
        {"shape": [-3]},
        {"shape": [3] * 9},
        {"notes": [{"template": "{lacks} a fact"}]},
        {"notes": [{"template": "\x1b[2J"}]},
        {"verdict": "crashed", "message": {"template": "x"}},
        {"verdict": "timed_out", "message": {"template": "x"}},
        {"verdict": "cancelled", "message": {"template": "x"}},
        {"verdict": "rejected", "reason": "\x1b[2J", "message": {"template": "x"}},
        {"verdict": "rejected", "reason": "text_file", "message": {"template": "{lacks}"}},
        {"verdict": "grader_failed", "message": {"template": "{lacks}"}},
    ],
)
async def test_what_a_child_makes_up_is_our_fault(
    grader_that: MakeGrader, job: Job, lie: dict[str, object]
) -> None:
    grade = await grader_that("lies:" + json.dumps(lie)).grade(job)
    assert isinstance(grade, GraderFailed)
    assert grade.message.text().isprintable()


async def test_what_is_no_prediction_for_each_example_is_our_fault(
    grader_that: MakeGrader, job: Job
) -> None:
    grade = await grader_that("predicts_too_little").grade(job)
    assert isinstance(grade, GraderFailed)
    assert "fewer or more predictions" in grade.message.text()


async def test_the_app_says_what_was_measured_and_how_long_it_took(
    grader_that: MakeGrader, job: Job
) -> None:
    lie = {"message": {"template": "5 of 5"}, "score": 5, "seconds": 1e9}
    grade = await grader_that("lies:" + json.dumps(lie)).grade(job)
    assert isinstance(grade, Graded)
    assert grade.score == 4
    assert grade.message.text() == "Accuracy 0.85 on 20 hidden examples."
    assert 0 <= grade.seconds < 1e9


async def test_a_failed_allocation_is_out_of_memory(
    grader_that: MakeGrader, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "refuses_only_above", lambda _: True)
    assert isinstance(await grader_that("bad_alloc").grade(job), OutOfMemory)


@pytest.mark.parametrize("how", ["garbles", "floods", "nests"])
async def test_what_is_no_answer_is_our_fault(grader_that: MakeGrader, job: Job, how: str) -> None:
    assert isinstance(await grader_that(how).grade(job), GraderFailed)


async def test_a_child_that_cannot_be_killed_does_not_hold_up_the_end(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def for_ever(_: object) -> None:
        await asyncio.Event().wait()

    child = await Child.start(command("hangs"), logs, "cpu")
    with monkeypatch.context() as patched:
        patched.setattr(child_module, "_END_SECONDS", 0.2)
        patched.setattr(asyncio.subprocess.Process, "wait", for_ever)
        async with asyncio.timeout(30):
            await child.end()
    await until(lambda: not running(logs))
