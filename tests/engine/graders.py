"""Graders with fake children, which leave nothing behind; the children leave marks in `logs`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil

from engine.grading.host.grader import Grader
from engine.grading.protocol import Job
from exam_bank.task import Limits
from tests.engine.fake_child import a_job, command, whole_hdf5
from tests.engine.hidden_sets import write_hidden

MakeGrader = Callable[..., Grader]


def job_in(folder: Path) -> Job:
    """A job with a model and a hidden set, such as they are."""
    return a_job(whole_hdf5(folder / "mymodel.h5"), write_hidden(folder / "hidden"))


@contextlib.asynccontextmanager
async def making(logs: Path) -> AsyncIterator[MakeGrader]:
    """Make graders whose children do what is said; in the end nothing of them is left."""
    made: list[Grader] = []

    def make(how: str, *, prewarm: bool = False, start_seconds: float = 60.0) -> Grader:
        grader = Grader(
            logs=logs, prewarm=prewarm, command=command(how), start_seconds=start_seconds
        )
        made.append(grader)
        return grader

    yield make
    for grader in made:
        await grader.close()
    assert not running(logs)
    assert not found(logs, "job-*")


def started(logs: Path) -> list[int]:
    return [int(path.name.removeprefix("pid-")) for path in logs.glob("pid-*")]


def running(logs: Path) -> list[int]:
    return [pid for pid in started(logs) if psutil.pid_exists(pid)]


def with_limits(job: Job, **limits: float) -> Job:
    return a_job(Path(job.model), Path(job.hidden), Limits(**limits))


def found(folder: Path, pattern: str) -> list[str]:
    return [path.name for path in folder.glob(pattern)]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - other processes set no events
            await asyncio.sleep(0.01)
