"""A diagnosis as the app asks for it: the same walls, limits and checks as a grading."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.grading.protocol import (
    Cancelled,
    Crashed,
    Graded,
    GraderFailed,
    Job,
    OutOfMemory,
    TimedOut,
)
from engine.grading.wire import Diagnosed
from tests.engine.graders import MakeGrader, found, job_in, making, until, with_limits

AS_IT_IS = {"id": "as_it_is"}


def tells(**answer: object) -> str:
    """A child that writes one prediction for each example, and says this of it."""
    tried = {"type": "tried", "trials": [AS_IT_IS], "shape": [3], "every": 1}
    return "lies:" + json.dumps({**tried, **answer})


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


async def test_what_the_marking_process_found_comes_back(grader_that: MakeGrader, job: Job) -> None:
    facts = {"untrained": True, "dead": 0.25}
    said = await grader_that(tells(facts=facts, complete=False)).diagnose(job)
    assert isinstance(said, Diagnosed)
    assert (said.found, said.complete) == ((), False)
    assert (said.facts.untrained, said.facts.dead) == (True, 0.25)


@pytest.mark.parametrize(
    "lie",
    [
        {"trials": [AS_IT_IS, {"id": "channels_reversed"}]},  # more than it wrote
        {"trials": [{"id": "channels_reversed"}]},  # the first is no prediction as it is
        {"trials": [AS_IT_IS, {"id": "outputs_scaled"}]},  # none of a child's
        {"trials": []},
        {"trials": [AS_IT_IS] * 200},
        {"every": 0},
        {"every": 2},
        {"shape": [4]},
        {"shape": [3, 1]},
        {"shape": [2**40, 2**40]},
        {"facts": {"dead": 7}},
        {"facts": {"dead": "all"}},
        {"type": "predicted"},
        {"type": "diagnosed", "found": [{"id": "logits", "would_score": 5}]},
        {"verdict": "graded", "message": {"template": "x"}, "score": 5},
    ],
)
async def test_a_child_that_lies_gets_nothing(
    grader_that: MakeGrader, job: Job, lie: dict[str, object]
) -> None:
    assert isinstance(await grader_that(tells(**lie)).diagnose(job), GraderFailed)


async def test_trials_are_no_grade(grader_that: MakeGrader, job: Job) -> None:
    assert isinstance(await grader_that(tells()).grade(job), GraderFailed)


@pytest.mark.parametrize(
    ("how", "verdict"),
    [("segfault", Crashed), ("grows", OutOfMemory), ("computes", TimedOut)],
)
async def test_limits_hold_and_nothing_is_tried_twice(
    grader_that: MakeGrader, job: Job, logs: Path, how: str, verdict: type
) -> None:
    small = with_limits(job, seconds=0.3, memory_mb=100 if how == "grows" else 6000)
    said = await grader_that(how).diagnose(small)
    assert isinstance(said, verdict)
    assert (logs / "tries").read_text() == "x"


async def test_it_can_be_cancelled_and_the_next_one_works(
    grader_that: MakeGrader, job: Job, logs: Path
) -> None:
    grader = grader_that("hangs")
    running = asyncio.create_task(grader.diagnose(job))
    await until(lambda: found(logs, "pid-*"))
    grader.cancel()
    assert isinstance(await running, Cancelled)
    again = asyncio.create_task(grader.diagnose(job))
    await until(lambda: len(found(logs, "pid-*")) == 2)
    grader.cancel()
    assert isinstance(await again, Cancelled)


async def test_a_grading_beside_it_does_not_wait(grader_that: MakeGrader, job: Job) -> None:
    grader, hanging = grader_that("grades"), grader_that("hangs")
    beside = hanging.beside()
    diagnosing = asyncio.create_task(beside.diagnose(job))
    try:
        assert isinstance(await grader.grade(job), Graded)
        assert not diagnosing.done()
    finally:
        beside.cancel()
        await diagnosing
        await beside.close()
