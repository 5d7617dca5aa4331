"""What a class of files costs: children forked in the fork server, beside children by themselves.

Both ways grade the same files, taking turns, so that the ratios mean something on a busy
machine too; nothing is asserted. Processor time is told beside wall time, because it is
what a class costs, with its shares: importing TensorFlow, loading and predicting (as a process
does that has imported it before), and the rest. Then the memory of one worker, and what two
workers do in the time of one, each on a core of its own and so predicting with one thread. Run with
`python -m tests.bench.classroom [FILES [TURNS]]`.
"""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from engine.grading.host.batch import FileToGrade, grade_files
from engine.grading.host.fork_server import ForkServer
from engine.grading.protocol import Graded
from tests.bench.latency import BARE_SCRIPT, SEED, Bench, ratio, row, run

FILES, TURNS = 10, 3
WAYS = ("by themselves", "forked")
# What a child imports before it shuts itself in.
IMPORTS = "import h5py, keras, numpy, tensorflow, tf_keras"


class Cost(NamedTuple):
    """Of one class: seconds on the wall, of processor time in all children, and their memory."""

    wall: float
    processor: float
    memory: float


def main(files: int, turns: int) -> None:
    """Measure and print."""
    costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="tfexam-bench-") as name:
        bench = Bench(Path(name), files)
        bench.prepare()
        for _ in range(turns):
            for way in WAYS:
                costs[way].append(cost_of(bench, forked=way == "forked"))
        imported, predicted = shares(bench)
        alone, together = (scaled(bench, workers) for workers in (1, 2))
    print(f"medians of {turns} classes of {files} files (fastest-slowest), seconds\n")
    for way, found in costs.items():
        row(f"wall, children {way}", [each.wall for each in found])
        row(f"processor, children {way}", [each.processor for each in found])
    print()
    for part in Cost._fields[:2]:
        over, under = ([getattr(each, part) for each in costs[way]] for way in WAYS[::-1])
        ratio(f"{part}: forked / by themselves", over, under)
    print()
    for way, imports in zip(WAYS, (files, 1), strict=True):
        whole = min(each.processor for each in costs[way])
        parts = {"import": imports * imported, "load and predict": files * predicted}
        parts["rest"] = whole - sum(parts.values())
        told = ", ".join(f"{name} {100 * each / whole:.0f} %" for name, each in parts.items())
        print(f"processor of {files} files, children {way}: {whole:.1f} s: {told}")
    memory = max(each.memory for each in costs["forked"])
    print(f"memory of one worker, forked, with its fork server: {memory:.0f} MB at most")
    print(f"one worker {files / alone:.2f} files a second, two {2 * files / together:.2f}")
    print(f"scaling from one worker to two: {alone / together:.2f}")


def cost_of(bench: Bench, *, forked: bool) -> Cost:
    """Grade the whole class once."""
    ForkServer.possible = staticmethod(lambda device: forked)  # type: ignore[method-assign]
    start, before = time.perf_counter(), spent_by_children()
    with Memory() as memory:
        asyncio.run(grade_class(bench))
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
    before = spent_by_children()
    run("-c", IMPORTS)
    imported = spent_by_children() - before
    spent = []
    for count in (1, bench.runs + 1):
        before = spent_by_children()
        run("-c", BARE_SCRIPT, bench.hidden, *(bench.model(each) for each in range(count)))
        spent.append(spent_by_children() - before)
    return imported, (spent[1] - spent[0]) / bench.runs


def scaled(bench: Bench, workers: int) -> float:
    """Seconds in which so many workers grade the class, each all of it, on a core of its own."""
    command = (sys.executable, "-m", "tests.bench.classroom", "--worker", str(bench.folder))
    start = time.perf_counter()
    running = [subprocess.Popen([*command, str(bench.runs), str(core)]) for core in range(workers)]
    if any(each.wait() for each in running):
        raise SystemExit("a worker failed")
    return time.perf_counter() - start


def work(folder: str, files: str, core: str) -> None:
    """One worker: grade the class that lies in `folder`, on one core."""
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[int(core)]})
    bench = Bench(Path(folder), int(files))
    asyncio.run(grade_class(bench, f"logs-{core}"))


async def grade_class(bench: Bench, logs_name: str = "logs") -> None:
    files = [FileToGrade(bench.model(each), bench.task, int(SEED)) for each in range(bench.runs)]
    cache, logs = bench.folder / "home" / "cache", bench.folder / logs_name
    async for outcome in grade_files(files, cache=cache, logs=logs):
        if not isinstance(outcome.grade, Graded):
            raise SystemExit(f"not graded: {outcome.grade.message.text()}")


def spent_by_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(*sys.argv[2:])
        raise SystemExit
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [FILES, TURNS][len(given) :]))
