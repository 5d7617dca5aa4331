"""What a class of files costs: children forked in the fork server, beside children by themselves.

Both ways grade the same files, taking turns, so that the ratios mean something on a busy
machine too; nothing is asserted. Processor time is told beside wall time, because it is
what a class costs. Run with `python -m tests.bench.classroom [FILES [TURNS]]`; the last
lines are the ratios.
"""

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from engine.grading.host.batch import FileToGrade, grade_files
from engine.grading.host.fork_server import ForkServer
from engine.grading.protocol import Graded
from tests.bench.latency import SEED, Bench, ratio, row

FILES, TURNS = 10, 3
WAYS = ("by themselves", "forked")


class Cost(NamedTuple):
    """Of one class: seconds on the wall, and of processor time in all children."""

    wall: float
    processor: float


def main(files: int, turns: int) -> None:
    """Measure and print."""
    costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="tfexam-bench-") as name:
        bench = Bench(Path(name), files)
        bench.prepare()
        for _ in range(turns):
            for way in WAYS:
                costs[way].append(cost_of(bench, forked=way == "forked"))
    print(f"medians of {turns} classes of {files} files (fastest-slowest), seconds\n")
    for way, found in costs.items():
        row(f"wall, children {way}", [each.wall for each in found])
        row(f"processor, children {way}", [each.processor for each in found])
    print()
    for part in Cost._fields:
        over, under = ([getattr(each, part) for each in costs[way]] for way in WAYS[::-1])
        ratio(f"{part}: forked / by themselves", over, under)


def cost_of(bench: Bench, *, forked: bool) -> Cost:
    """Grade the whole class once."""
    ForkServer.possible = staticmethod(lambda device: forked)  # type: ignore[method-assign]
    start, before = time.perf_counter(), spent_by_children()
    asyncio.run(grade_class(bench))
    return Cost(time.perf_counter() - start, spent_by_children() - before)


async def grade_class(bench: Bench) -> None:
    files = [FileToGrade(bench.model(each), bench.task, int(SEED)) for each in range(bench.runs)]
    cache, logs = bench.folder / "home" / "cache", bench.folder / "logs"
    async for outcome in grade_files(files, cache=cache, logs=logs):
        if not isinstance(outcome.grade, Graded):
            raise SystemExit(f"not graded: {outcome.grade.message.text()}")


def spent_by_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [FILES, TURNS][len(given) :]))
