"""What evidence costs: the same models graded with and without it, in turns, side by side.

One plain network for each kind of task, with random weights: what a grading costs does not depend
on them. Each round grades every task twice, in alternating order, so that a busy machine slows
down both. Nothing is asserted. Run with `python -m tests.bench.evidence [ROUNDS [TASK…]]`.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from engine.grading.evidence import Evidence
from engine.grading.host.environment import environment
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Graded, Job
from exam_bank.catalog import Catalog
from exam_bank.preparation import Order, prepare
from exam_bank.task import Task

ROUNDS = 9
TASKS = ("wind-turbine", "wild-bees", "garments", "sick-leaves", "reviews", "town-load")

MAKE = """
import json, sys
import keras
from keras import layers

def hidden_layers(shape, dtype):
    if dtype == "int32":
        return [layers.Embedding(10_000, 16), layers.Bidirectional(layers.LSTM(32))]
    if len(shape) == 1:
        return [layers.Dense(64, "relu"), layers.Dense(64, "relu")]
    if len(shape) == 2 and shape[0] != shape[1]:
        return [layers.Conv1D(32, 5, activation="relu", padding="causal"), layers.LSTM(32)]
    grey = [layers.Reshape((*shape, 1))] if len(shape) == 2 else []
    blocks = [layer for width in (16, 32, 64)
              for layer in (layers.Conv2D(width, 3, activation="relu"), layers.MaxPooling2D())]
    return [*grey, *blocks[: 4 if grey else 6], layers.Flatten(), layers.Dense(64, "relu")]

for path, shape, dtype, output, activation in json.loads(sys.argv[1]):
    cells = 1
    for each in output:
        cells *= each
    keras.Sequential([
        layers.Input(tuple(shape), dtype=dtype), *hidden_layers(shape, dtype),
        layers.Dense(cells, activation), layers.Reshape(tuple(output)),
    ]).save(path)
"""


def main(rounds: int, names: Sequence[str]) -> None:
    """Measure and print."""
    tasks = [each for each in Catalog.find().tasks if each.id in names]
    with tempfile.TemporaryDirectory(prefix="tfexam-bench-") as name:
        folder = Path(name)
        _make_models(folder, tasks)
        asyncio.run(prepare([_order(folder, each) for each in tasks]))
        print(f"{'task':16} {'hidden':>7} {'without':>9} {'with':>9} {'ratio':>7}", flush=True)
        ratios = asyncio.run(_measure(folder, tasks, rounds))
    print(f"{'median of tasks':16} {'':27} {statistics.median(ratios):7.3f}")


def _order(folder: Path, task: Task) -> Order:
    return Order(task.id, str(task.folder), 3, str(folder / task.id))


def _make_models(folder: Path, tasks: Sequence[Task]) -> None:
    wanted = [
        (
            str(folder / f"{task.id}.h5"),
            task.says.contract.input.shape,
            task.says.contract.input.dtype,
            task.says.contract.output.shape,
            task.says.contract.output.activation,
        )
        for task in tasks
    ]
    own = environment(os.environ, "cpu", trusted=True)
    subprocess.run([sys.executable, "-c", MAKE, json.dumps(wanted)], check=True, env=own)


async def _measure(folder: Path, tasks: Sequence[Task], rounds: int) -> list[float]:
    """The ratio of each task; prints a line for each."""
    logs = folder / "logs"
    fork_server = ForkServer(logs) if ForkServer.possible("cpu") else None
    grader = Grader(logs=logs, fork_server=fork_server)
    await grader.start()
    ratios = []
    for task in tasks:
        path = folder / "evidence" / f"{'0' * 64}-{task.id}.json"
        job = Job.of(task, folder / f"{task.id}.h5", folder / task.id, submission="0")
        jobs = {False: job, True: msgspec.structs.replace(job, evidence=str(path))}
        for warm_up in jobs.values():
            await _seconds(grader, warm_up)
        found = await _rounds(grader, jobs, rounds)
        n = Evidence.read(path).metric.n
        ratios.append(_line(task.id, n, found))
    await grader.close()
    return ratios


async def _rounds(grader: Grader, jobs: Mapping[bool, Job], rounds: int) -> dict[bool, list[float]]:
    found: dict[bool, list[float]] = {False: [], True: []}
    for number in range(rounds):
        for asked in (False, True) if number % 2 else (True, False):
            found[asked].append(await _seconds(grader, jobs[asked]))
    return found


async def _seconds(grader: Grader, job: Job) -> float:
    grade = await grader.grade(job)
    assert isinstance(grade, Graded), grade.message.text()
    return grade.seconds


def _line(name: str, n: int, found: Mapping[bool, Sequence[float]]) -> float:
    without, with_it = (statistics.median(found[asked]) for asked in (False, True))
    ratio = with_it / without
    print(f"{name:16} {n:7} {without:8.3f}s {with_it:8.3f}s {ratio:7.3f}", flush=True)
    return ratio


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS, sys.argv[2:] or TASKS)
