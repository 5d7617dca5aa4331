"""How much a candidate's training slows beside an idle app, and beside endless grading.

Runs of `model.fit` alone, beside the real app in an exam whose clock runs, and beside a
grader that grades without a pause take turns on two cores, so that the ratios mean something
on a busy machine too; nothing is asserted. What the idle app takes is small beside such a
machine's noise, so its processor time is told as well. Run with
`python -m tests.bench.training [RUNS]`; the last lines are the ratios.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from engine.grading.grader import Grader
from engine.grading.protocol import Graded, Job
from tests.bench.latency import TASK, Bench, ratio, row, settled
from tests.e2e.exam_room import ExamRoom, paper_with

RUNS = 5
CORES = 2
WAYS = ("alone", "beside an idle app", "beside continuous grading")

# Times one fit each time a line comes in, so that imports and tracing are never in it.
TRAINING = """
import os, sys, time
import numpy as np, tensorflow as tf
rng = np.random.default_rng(0)
inputs = rng.random((6000, 28, 28, 1), dtype="float32")
targets = rng.integers(0, 10, 6000)
layers = tf.keras.layers
model = tf.keras.Sequential([
    layers.Input((28, 28, 1)),
    layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
    layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
    layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(10, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(inputs, targets, batch_size=64, epochs=1, verbose=0)
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    model.fit(inputs, targets, batch_size=64, epochs=4, verbose=0)
    print(time.perf_counter() - start, flush=True)
"""


class Training:
    """A process that trains when told to."""

    def __init__(self) -> None:
        environment = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", TRAINING],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self._line()

    async def seconds(self) -> float:
        """Seconds of one fit."""
        assert self._process.stdin is not None
        self._process.stdin.write("fit\n")
        self._process.stdin.flush()
        return float(await asyncio.to_thread(self._line))

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the training process ended")
        return line


async def measure(runs: int, bench: Bench, app: "IdleApp") -> None:
    """Measure and print."""
    training = Training()
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    graded = 0
    for number in range(runs):
        # First and last by turns, so that a machine that slows down favours neither.
        if number % 2 == 0:
            seconds[WAYS[0]].append(await training.seconds())
        seconds[WAYS[1]].append(await app.beside(training))
        async with waiting_grader(bench.folder / "logs") as grader:
            grading = asyncio.create_task(grade_on(grader, bench.job(bench.model(0))))
            seconds[WAYS[2]].append(await training.seconds())
            graded += await stopped(grading, grader)
        if number % 2 == 1:
            seconds[WAYS[0]].append(await training.seconds())
    training.close()
    print(f"medians of {runs} runs (fastest–slowest), seconds; {graded} gradings went on beside\n")
    for way, found in seconds.items():
        row(f"model.fit {way}", found)
    print(f"\nthe idle app takes {app.share():.2%} of one core\n")
    for way in WAYS[1:]:
        ratio(f"model.fit {way} / alone", seconds[way], seconds[WAYS[0]])
        each = [over / alone for over, alone in zip(seconds[way], seconds[WAYS[0]], strict=True)]
        print(f"{'    the median of each run by itself':44} {statistics.median(each):6.3f}")


class IdleApp:
    """The app in an exam that nobody works at; it stands still but for `beside`."""

    def __init__(self, pid: int) -> None:
        self._app = psutil.Process(pid)
        self._processor = self._wall = 0.0

    def stand_still(self) -> None:
        """Take no processor time, and keep all else."""
        for each in self._processes():
            each.suspend()

    async def beside(self, training: Training) -> float:
        """Seconds of one fit while the app waits, its grading child warm."""
        for each in self._processes():
            each.resume()
        await settled(self._app)
        before = self._spent()
        seconds = await training.seconds()
        self._processor += self._spent() - before
        self._wall += seconds
        self.stand_still()
        return seconds

    def share(self) -> float:
        """The part of one core that the app and its child took, while awake."""
        return self._processor / self._wall

    def _processes(self) -> list[psutil.Process]:
        return [self._app, *self._app.children(recursive=True)]

    def _spent(self) -> float:
        return sum(sum(each.cpu_times()[:2]) for each in self._processes())


@asynccontextmanager
async def waiting_grader(logs: Path) -> AsyncIterator[Grader]:
    """A grader as the app's, its child warm and at rest; gone afterwards."""
    grader = Grader(logs=logs)
    await grader.start()
    try:
        await settled(psutil.Process())
        yield grader
    finally:
        await grader.close()


async def grade_on(grader: Grader, job: Job) -> int:
    """Grade without a pause until cancelled by `stopped`; how often it went well."""
    count = 0
    while isinstance(await grader.grade(job), Graded):
        count += 1
    return count


async def stopped(grading: "asyncio.Task[int]", grader: Grader) -> int:
    while not grading.done():
        grader.cancel()
        await asyncio.wait([grading], timeout=0.1)
    return grading.result()


def main(runs: int) -> None:
    """Measure and print."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="tfexam-bench-") as name:
        bench = Bench(Path(name), 1)
        bench.prepare()
        room = Path(name) / "room"
        room.mkdir()
        with ExamRoom(room).exam(paper_with(TASK)) as terminal:
            app = IdleApp(terminal.pid)
            app.stand_still()
            asyncio.run(measure(runs, bench, app))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
