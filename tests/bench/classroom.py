"""What a class of small models costs: beside a process for each file, on two workers, on Dask.

    python -m tests.bench.classroom [--part processor|scaling|dask] [--files 40]

Nothing is asserted. The part `processor` counts processor time, which another program on the
machine changes little: forked children beside children that import TensorFlow by themselves, the
shares of import, load and predict (as a process does that has imported it before) and the rest,
and the memory of one worker. `scaling` and `dask` measure wall time, for which the machine must
be quiet: what two workers do in the time of one, each on a core of its own and so predicting with
one thread; and what Dask adds to the local pool, both with one worker, once they are warm. All
parts take about four minutes.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from engine.classroom.cluster.dask_engine import DaskCluster
from engine.classroom.grading_engine import GradingEngine, LocalPool
from engine.grading.host.batch import FileToGrade, GradedFile, grade_files
from engine.grading.host.fork_server import ForkServer
from engine.grading.protocol import Graded
from exam_bank.catalog import Catalog
from exam_bank.datasets.store import Store
from tests.bench.latency import BARE_SCRIPT, run

TASK, SEED = "wild-bees", 7
FILES = 40
# Of children by themselves each costs the same, so few of them tell.
ALONE = 4
A_CLASS = 200
# What a child imports before it shuts itself in.
IMPORTS = "import h5py, keras, numpy, tensorflow, tf_keras"
# What a beginner makes of a table: well below 1 MB.
MAKE_MODELS = """
import sys, keras
folder, count, columns, classes = sys.argv[1], *map(int, sys.argv[2:])
layers = keras.layers
for number in range(count):
    keras.utils.set_random_seed(number)
    model = keras.Sequential([
        layers.Input((columns,)), layers.Normalization(), layers.Dense(128, activation="relu"),
        layers.Dropout(0.2), layers.Dense(128, activation="relu"),
        layers.Dense(classes, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save(f"{folder}/model-{number}.h5")
"""


class Cost(NamedTuple):
    """Of one class: seconds on the wall, of processor time in all children, and their memory."""

    wall: float
    processor: float
    memory: float


class Bench:
    """A folder with models, and the hidden set in its cache."""

    def __init__(self, folder: Path, files: int) -> None:
        self.folder, self.files = folder, files
        self.task = Catalog.find().task(TASK)

    def prepare(self) -> None:
        """Make the models, and the hidden set by grading one."""
        contract = self.task.says.contract
        cells = (*contract.input.shape, *contract.output.shape)
        run("-c", MAKE_MODELS, self.folder, self.files + 1, *cells)
        asyncio.run(drained(self.locally(1)))

    def model(self, number: int) -> Path:
        return self.folder / f"model-{number}.h5"

    def orders(self, count: int) -> list[FileToGrade]:
        """That many files to grade."""
        return [FileToGrade(self.model(each), self.task, SEED) for each in range(count)]

    def locally(self, count: int, logs: str = "logs") -> AsyncGenerator[GradedFile, None]:
        """Grade that many files with one worker here."""
        cache = self.folder / "home" / "cache"
        return grade_files(self.orders(count), cache=cache, logs=self.folder / logs)


def main(parts: Sequence[str], files: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="tfexam-bench-") as name:
        # Workers of a cluster find their own home there.
        os.environ["TFEXAM_HOME"] = str(Path(name, "home"))
        bench = Bench(Path(name), files)
        bench.prepare()
        size = bench.model(0).stat().st_size / 1e6
        print(
            f"{files} models of {size:.2f} MB for {TASK}, load {os.getloadavg()[0]:.1f}", flush=True
        )
        for part in parts:
            print(f"\n{part}")
            PARTS[part](bench)
            sys.stdout.flush()


async def drained(answers: AsyncGenerator[GradedFile, None]) -> list[float]:
    """The moments at which each file was graded."""
    moments = []
    async for each in answers:
        if not isinstance(each.grade, Graded):
            raise SystemExit(f"not graded: {each.grade.message.text()}")
        moments.append(time.perf_counter())
    return moments


# -- processor -----------------------------------------------------------------------------------


def processor(bench: Bench) -> None:
    """Forked children beside children by themselves."""
    alone = cost_of(bench, ALONE, forked=False)
    few, many = (cost_of(bench, count, forked=True) for count in (ALONE, bench.files))
    imported, predicted = shares(bench)
    each = alone.processor / ALONE
    more = (many.processor - few.processor) / (bench.files - ALONE)
    start = many.processor - bench.files * more
    print(f"a process for each file: {each:.2f} s of processor a file")
    _shares("  of one", each, imported, predicted)
    print(f"forked: {start:.2f} s once, and {more:.2f} s a file")
    _shares("  of one, without the start", more, 0.0, predicted)
    for count in (bench.files, A_CLASS):
        whole = (start + count * more) / count
        told = "as measured" if count == bench.files else "by that"
        print(f"{count} files, {told}: {1 / whole:.2f} a second of processor forked, ", end="")
        print(f"{1 / each:.2f} by themselves: {each / whole:.1f} times as many")
    print(f"memory of one worker, with its fork server and marking process: {many.memory:.0f} MB")


def _shares(name: str, whole: float, imported: float, predicted: float) -> None:
    parts = {"import": imported, "load and predict": predicted}
    parts["rest"] = whole - sum(parts.values())
    told = ", ".join(f"{part} {100 * each / whole:.0f} %" for part, each in parts.items())
    print(f"{name}: {told}")


def cost_of(bench: Bench, count: int, *, forked: bool) -> Cost:
    """Grade that many files once."""
    ForkServer.possible = staticmethod(lambda device: forked)  # type: ignore[method-assign]
    start, before = time.perf_counter(), spent_by_children()
    with Memory() as memory:
        asyncio.run(drained(bench.locally(count)))
    return Cost(time.perf_counter() - start, spent_by_children() - before, memory.most / 1e6)


class Memory:
    """The most memory that all children of this process held together, by themselves."""

    def __init__(self) -> None:
        self.most = 0
        self._end = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> "Memory":
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._end.wait(0.2):
            self.most = max(self.most, sum(map(_held, psutil.Process().children(recursive=True))))


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):
        return 0


def shares(bench: Bench) -> tuple[float, float]:
    """Processor seconds of the imports, and of loading and predicting one more model."""
    hidden = next((bench.folder / "home" / "cache" / "hidden").iterdir())
    before = spent_by_children()
    run("-c", IMPORTS)
    imported = spent_by_children() - before
    spent = []
    more = min(bench.files, 10)
    for count in (1, more + 1):
        before = spent_by_children()
        run("-c", BARE_SCRIPT, hidden, *(bench.model(each) for each in range(count)))
        spent.append(spent_by_children() - before)
    return imported, (spent[1] - spent[0]) / more


def spent_by_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


# -- scaling -------------------------------------------------------------------------------------


def scaling(bench: Bench) -> None:
    """One worker, then two, each grading the whole class."""
    alone, together = (scaled(bench, workers) for workers in (1, 2))
    one, two = bench.files / alone, 2 * bench.files / together
    print(f"one worker {one:.2f} files a second, two {two:.2f}")
    print(f"two of each {alone / together:.2f} times what one does, of 1 at best")


def scaled(bench: Bench, workers: int) -> float:
    """Seconds in which so many workers grade the class, each all of it, on a core of its own."""
    command = (sys.executable, "-m", "tests.bench.classroom", "--worker", str(bench.folder))
    start = time.perf_counter()
    running = [subprocess.Popen([*command, str(bench.files), str(core)]) for core in range(workers)]
    if any(each.wait() for each in running):
        raise SystemExit("a worker failed")
    return time.perf_counter() - start


def work(folder: str, files: str, core: str) -> None:
    """One worker: grade the class that lies in `folder`, on one core."""
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[int(core)]})
    bench = Bench(Path(folder), int(files))
    asyncio.run(drained(bench.locally(bench.files, f"logs-{core}")))


# -- Dask ----------------------------------------------------------------------------------------


def dask(bench: Bench) -> None:
    """The local pool and Dask, taking turns."""
    registry = Catalog.find().registry
    cache = bench.folder / "home" / "cache"
    engines: tuple[GradingEngine, GradingEngine] = (
        LocalPool(cache=cache, logs=bench.folder / "logs", store=Store(cache / "datasets")),
        DaskCluster(address="local:1", registry=registry),
    )
    orders = bench.orders(bench.files)
    warm: dict[str, list[float]] = {"the local pool": [], "Dask, local:1": []}
    ForkServer.possible = staticmethod(lambda device: True)  # type: ignore[method-assign]
    for _ in range(2):
        for (name, found), engine in zip(warm.items(), engines, strict=True):
            start, before = time.perf_counter(), spent_by_children()
            moments = asyncio.run(drained(engine.grade(orders)))
            spent = spent_by_children() - before
            found.append((moments[-1] - moments[0]) / (bench.files - 1))
            begun = moments[0] - start
            print(f"{name}: first after {begun:.1f} s, then {found[-1]:.3f} s a file", end="")
            print(f"; processor {spent / bench.files:.2f} s a file with the start", flush=True)
    here, there = (min(each) for each in warm.values())
    print(f"Dask adds {100 * (there / here - 1):.1f} % to a file")


PARTS: dict[str, Callable[[Bench], None]] = {
    "processor": processor,
    "scaling": scaling,
    "dask": dask,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(*sys.argv[2:])
        raise SystemExit
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--files", type=int, default=FILES)
    given = parser.parse_args()
    main(given.part or list(PARTS), given.files)
