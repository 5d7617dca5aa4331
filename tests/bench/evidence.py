"""What evidence costs: the same models graded with and without it, in turns, side by side.

One plain network for each kind of task, with random weights: what a grading costs does not depend
on them. A child's and the marking process's own steps run in this process, without the start of a
child, which would only hide what evidence costs. Each round grades a task twice, in alternating
order, and processor time is counted, so that a busy machine changes little. "after" is what the
marking process does once the grade is answered. Until then nothing differs, so "ratio" shows how
much chance there is; "all told" is what evidence adds to a grading without. Nothing is asserted.
Run with
`python -m tests.bench.evidence [ROUNDS [TASK…]]`.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.grading.child import worker
from engine.grading.host.environment import environment
from engine.grading.marking import marking_main
from engine.grading.protocol import Graded, Job
from exam_bank.catalog import Catalog
from exam_bank.preparation import Order, prepare
from exam_bank.task import Task
from tests.engine.whole_grade import grade

ROUNDS = 9
TASKS = ("wind-turbine", "wild-bees", "garments", "sick-leaves", "reviews", "town-load")

Times = dict[bool, list[tuple[float, float]]]

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
        worker.import_tensorflow()
        worker.import_the_other_keras()
        print(f"{'':16} {'without':>9} {'with':>9} {'after':>9} {'ratio':>8} {'all told':>9}")
        ratios = [_line(each.id, _measure(folder, each, rounds)) for each in tasks]
    middle = [statistics.median(each) for each in zip(*ratios, strict=True)]
    print(f"{'median of tasks':16} {'':29} {middle[0]:8.3f} {middle[1]:9.3f}")


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


def _measure(folder: Path, task: Task, rounds: int) -> Times:
    """The times of each round."""
    path = folder / "evidence" / f"{'0' * 64}-{task.id}.json"
    job = Job.of(task, folder / f"{task.id}.h5", folder / task.id, submission="0")
    jobs = {False: job, True: msgspec.structs.replace(job, evidence=str(path))}
    for warm_up in jobs.values():
        _times(warm_up)
    found: Times = {False: [], True: []}
    for number in range(rounds):
        for asked in (False, True) if number % 2 else (True, False):
            found[asked].append(_times(jobs[asked]))
    return found


def _times(job: Job) -> tuple[float, float]:
    """Processor seconds until the grade, and after it until evidence is written."""
    begun = time.process_time()
    found = grade(job)
    graded = time.process_time()
    assert isinstance(found, Graded), found.message.text()
    marking_main.do_put_off()
    return graded - begun, time.process_time() - graded


def _line(name: str, found: Times) -> tuple[float, float]:
    """Print a task's line; returns its ratios, until the answer and all told."""
    without, with_it, after = (
        statistics.median(each[kind] for each in found[asked])
        for asked, kind in ((False, 0), (True, 0), (True, 1))
    )
    ratio, whole = with_it / without, 1 + after / without
    times = f"{without:8.3f}s {with_it:8.3f}s {after:8.3f}s"
    print(f"{name:16} {times} {ratio:8.3f} {whole:9.3f}", flush=True)
    return ratio, whole


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS, sys.argv[2:] or TASKS)
