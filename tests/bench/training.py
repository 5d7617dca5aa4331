"""How much a candidate's training slows beside an idle app, and beside endless grading.

And the other way round: how long one grading takes beside a training, both as a sitting's grader
grades (at normal priority, on half of the cores) and as `tfexam grade` does (stepping back).

What the idle app takes is smaller than the noise of any single run, so short runs of
`model.fit` alone and beside the real app (in an exam whose clock runs, its child warm)
follow each other in pairs, each way first by turns; the median of the pairs' ratios is
told with the interval that holds it in 95 of 100 cases, and so is that of the processor
time, which preemption does not touch. Beside a grader that grades without a pause a few
long runs are enough. Nothing is asserted. Run with
`python -m tests.bench.training [PAIRS [RUNS]]`; the last lines are the ratios.
"""

import asyncio
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Graded, Job
from engine.grading.wire import Priority
from tests.bench.latency import TASK, Bench, row, settled
from tests.e2e.exam_room import ExamRoom, paper_with

PAIRS, RUNS = 31, 5
SHORT, LONG = 1, 4  # epochs
CORES = 2
REST_SECONDS = 1.0  # for the app to catch up after it was stopped

# Times one fit of as many epochs as a line says, so that imports and tracing are never in it.
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
for line in sys.stdin:
    start, spent = time.perf_counter(), time.process_time()
    model.fit(inputs, targets, batch_size=64, epochs=int(line), verbose=0)
    print(time.perf_counter() - start, time.process_time() - spent, flush=True)
"""


class Fit(NamedTuple):
    """Seconds of one `model.fit`: on the wall, and of the processor."""

    wall: float
    processor: float


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

    async def fit(self, epochs: int) -> Fit:
        """Train once."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{epochs}\n")
        self._process.stdin.flush()
        wall, processor = (await asyncio.to_thread(self._line)).split()
        return Fit(float(wall), float(processor))

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the training process ended")
        return line


async def measure(pairs: int, runs: int, bench: Bench, app: "IdleApp") -> None:
    """Measure and print."""
    training = Training()
    beside_app: list[Pair] = []
    for number in range(pairs):
        # First and last by turns, so that a machine that slows down favours neither.
        before = [await training.fit(SHORT)] if number % 2 == 0 else []
        beside = await app.beside(training)
        (alone,) = before or [await training.fit(SHORT)]
        beside_app.append(Pair(beside, alone))
    ways: dict[Priority, Way] = {"low": Way(), "normal": Way()}
    for _ in range(runs):
        for priority, way in ways.items():
            alone = await training.fit(LONG)
            async with waiting_grader(bench.folder / "logs", app.processes(), priority) as grader:
                await way.measure(training, grader, bench.job(bench.model(0)), alone)
    training.close()
    if beside_app:
        row(f"model.fit alone, {pairs} runs", [each.alone.wall for each in beside_app])
        row("model.fit beside an idle app", [each.beside.wall for each in beside_app])
        print(f"\nthe idle app takes {app.share():.2%} of one core\n")
        tell("beside an idle app / alone", beside_app)
    for priority, way in ways.items():
        way.tell(priority)


class Way:
    """Training and grading at once, at one priority of grading."""

    def __init__(self) -> None:
        self._trainings: list[Pair] = []
        self._alone: list[float] = []
        self._beside: list[float] = []

    async def measure(self, training: "Training", grader: Grader, job: Job, alone: Fit) -> None:
        """Grade once alone, then without a pause beside a longer fit."""
        self._alone += await grade_on(grader, job, 1)
        grading = asyncio.create_task(grade_on(grader, job))
        self._trainings.append(Pair(await training.fit(LONG), alone))
        self._beside += await stopped(grading, grader)

    def tell(self, priority: Priority) -> None:
        """Print what was found."""
        print(f"\ngrading at {priority} priority")
        row("one grading alone", self._alone)
        row("    beside a training", self._beside or [float("nan")])
        row("longer model.fit alone", [each.alone.wall for each in self._trainings])
        row("    beside continuous grading", [each.beside.wall for each in self._trainings])
        tell("beside continuous grading / alone", self._trainings)


class Pair(NamedTuple):
    """Two fits, one right after the other."""

    beside: Fit
    alone: Fit


def tell(name: str, pairs: list[Pair]) -> None:
    """Print the medians of the pairs' ratios, each with its 95 % interval."""
    for part in Fit._fields:
        ratios = sorted(getattr(each.beside, part) / getattr(each.alone, part) for each in pairs)
        low, high = interval(len(ratios))
        middle, ends = statistics.median(ratios), f"({ratios[low]:.3f}-{ratios[high]:.3f})"
        print(f"model.fit {name}, {part:10} {middle:6.3f} {ends}")


def interval(count: int) -> tuple[int, int]:
    """Which of `count` sorted values enclose the median of all with 95 % or more."""
    outside, low = 0.0, 0
    while (outside := outside + math.comb(count, low) / 2**count) <= 0.025:
        low += 1
    low = max(0, low - 1)
    return low, count - 1 - low


class IdleApp:
    """The app in an exam that nobody works at; it stands still but for `beside`."""

    def __init__(self, pid: int) -> None:
        self._app = psutil.Process(pid)
        self._processor = self._wall = 0.0

    def stand_still(self) -> None:
        """Take no processor time, and keep all else."""
        for each in self.processes():
            each.suspend()

    async def settle(self) -> None:
        """Let it run until its child is warm, then stand still."""
        await settled(self._app)
        self.stand_still()

    async def beside(self, training: Training) -> Fit:
        """A short fit while the app waits, its grading child warm."""
        for each in self.processes():
            each.resume()
        await asyncio.sleep(REST_SECONDS)
        before = self._spent()
        found = await training.fit(SHORT)
        self._processor += self._spent() - before
        self._wall += found.wall
        self.stand_still()
        return found

    def share(self) -> float:
        """The part of one core that the app and its child took, while awake."""
        return self._processor / self._wall

    def processes(self) -> list[psutil.Process]:
        """The app, its fork server and its child."""
        return [self._app, *self._app.children(recursive=True)]

    def _spent(self) -> float:
        return sum(sum(each.cpu_times()[:2]) for each in self.processes())


@asynccontextmanager
async def waiting_grader(
    logs: Path, besides: Collection[psutil.Process], priority: Priority
) -> AsyncIterator[Grader]:
    """A grader as the app's, its child warm and at rest; gone afterwards.

    The processes `besides` are not its own.
    """
    forks = ForkServer.possible("cpu")
    server = ForkServer(logs, priority=priority) if forks else None
    grader = Grader(logs=logs, fork_server=server, priority=priority)
    await grader.start()
    try:
        await settled(psutil.Process(), besides)
        yield grader
    finally:
        await grader.close()


async def grade_on(grader: Grader, job: Job, most: int = sys.maxsize) -> list[float]:
    """Grade without a pause until cancelled by `stopped`; the seconds of each that went well."""
    seconds: list[float] = []
    while len(seconds) < most:
        start = time.perf_counter()
        if not isinstance(await grader.grade(job), Graded):
            break
        seconds.append(time.perf_counter() - start)
    return seconds


async def stopped(grading: "asyncio.Task[list[float]]", grader: Grader) -> list[float]:
    while not grading.done():
        grader.cancel()
        await asyncio.wait([grading], timeout=0.1)
    return grading.result()


def main(pairs: int, runs: int) -> None:
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
            asyncio.run(app.settle())
            asyncio.run(measure(pairs, runs, bench, app))


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [PAIRS, RUNS][len(given) :]))
