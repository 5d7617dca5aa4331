"""How long a paper takes from its code to a workspace that can be worked in, and how much memory.

Lays out papers of synthetic tasks as `tfexam exam` does, each in a new home, and watches the
process and its children meanwhile. Before each, the bare cold script of `tests.bench.latency`
loads and evaluates one model, so that the ratio means something on a busy machine too. Nothing
is asserted. Run with `python -m tests.bench.paper [PAPERS] [TASK…]`; with tasks only papers
that have them are taken.
"""

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from engine.clock import SystemClock
from engine.settings import Settings
from engine.sitting.store.layout import lay_out
from exam_bank.catalog import Catalog
from exam_bank.paper import Paper
from tests.bench.latency import Bench
from tests.tui.sittings import synthetic_paper

PAPERS = 5
# Looking at memory takes the processor from what is measured: a glance now and then.
LOOK_SECONDS = 0.1
MEGABYTE = 1_000_000


class Measured(NamedTuple):
    """What one paper took: wall seconds, peak memory of all processes in MB, size on disk."""

    seconds: float
    memory: float
    disk: float


class Peak:
    """The most memory that this process and its children had together, while open."""

    def __enter__(self) -> "Peak":
        self.bytes = 0
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()

    def _look(self) -> None:
        own = psutil.Process()
        while not self._done.wait(LOOK_SECONDS):
            total = 0
            for each in (own, *own.children(recursive=True)):
                try:
                    total += each.memory_info().rss
                except psutil.Error:
                    continue
            self.bytes = max(self.bytes, total)


async def measure(paper: Paper, folder: Path) -> Measured:
    """Lay `paper` out in a new home in `folder`."""
    flags = {"home": folder / "home", "workspaces": folder / "work"}
    settings = Settings.load(
        flags, environment={"TFEXAM_CONFIG": str(folder / "none.toml")}, folder=folder
    )
    began = time.perf_counter()
    with Peak() as peak:
        await lay_out(
            settings,
            SystemClock(),
            paper=paper,
            catalog=Catalog.find(),
            kind="exam",
            mode="faithful",
            minutes=300,
        )
    seconds = time.perf_counter() - began
    files = (path for path in folder.rglob("*") if path.is_file())  # noqa: ASYNC240
    size = sum(path.stat().st_size for path in files)
    return Measured(seconds, peak.bytes / MEGABYTE, size / MEGABYTE)


def main() -> None:
    """Measure some papers and print each, then the median and the worst."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PAPERS
    wanted = set(sys.argv[2:])
    papers: list[Paper] = []
    number = 0
    while len(papers) < count:
        papers.append(synthetic_paper(lambda each: wanted <= each.weights.keys(), number))
        number += 1000
    found, scripts = [], []
    with tempfile.TemporaryDirectory(prefix="tfexam-bench-") as name:
        bench = Bench(Path(name), count)
        bench.prepare()
        for number, paper in enumerate(papers):
            scripts.append(bench.cold_script(number))
            with tempfile.TemporaryDirectory() as folder:
                found.append(asyncio.run(measure(paper, Path(folder))))
            tasks = ", ".join(paper.weights)
            print("{:.2f} s  {:.0f} MB memory  {:.0f} MB on disk  ".format(*found[-1]) + tasks)
    seconds, memory, _ = zip(*found, strict=True)
    middle, script = statistics.median(seconds), statistics.median(scripts)
    print(f"seconds: median {middle:.2f}, most {max(seconds):.2f}")
    print(f"memory:  median {statistics.median(memory):.0f} MB, most {max(memory):.0f} MB")
    print(f"script:  median {script:.2f} s; a paper takes {middle / script:.2f} of it")


if __name__ == "__main__":
    main()
