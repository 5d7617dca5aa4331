"""How soon a grading that predicts answers a cancel, how soon its process is gone, and what stays.

Nothing is asserted. Run with `python -m tests.bench.cancelling [TIMES]`.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import psutil

from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Cancelled, Job, Progress, Stage
from tests.bench.latency import has_a_tray, row
from tests.engine import made_models
from tests.engine.fake_child import a_job

TIMES = 7


async def main(times: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="tfexam-bench-") as name:
        folder = Path(name)
        made_models.make_in_subprocess(folder)
        logs = folder / "logs"
        grader = Grader(
            logs=logs, fork_server=ForkServer(logs) if ForkServer.possible("cpu") else None
        )
        await grader.start()
        job = a_job(folder / "slow.h5", folder / "hidden")
        found = [await cancelled(grader, job) for _ in range(times)]
        await grader.close()
    row("cancel → answer", [answered for answered, _ in found])
    row("cancel → its process gone", [gone for _, gone in found])
    print(f"processes left: {len(psutil.Process().children(recursive=True))}")


async def cancelled(grader: Grader, job: Job) -> tuple[float, float]:
    """Seconds from a cancel amid predicting to the answer, and to the end of the process."""
    predicting = asyncio.Event()

    def hear(progress: Progress) -> None:
        if progress.stage is Stage.PREDICTING:
            predicting.set()

    grading = asyncio.create_task(grader.grade(job, hear))
    await predicting.wait()
    children = [each for each in psutil.Process().children(recursive=True) if is_at(job, each)]
    start = time.perf_counter()
    grader.cancel()
    grade = await grading
    answered = time.perf_counter() - start
    if not isinstance(grade, Cancelled) or not children:
        raise SystemExit(f"not cancelled: {grade.message.text()}")
    while any(each.is_running() for each in children):  # noqa: ASYNC110 - no event tells it
        await asyncio.sleep(0.002)
    return answered, time.perf_counter() - start


def is_at(job: Job, process: psutil.Process) -> bool:
    """Whether it is the child that has the job."""
    return has_a_tray(process) and (Path(process.cwd()) / "model.h5").exists()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES))
