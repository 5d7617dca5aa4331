"""A long sitting in a short time: does anything grow that should not?

    python -m tests.torture.soak --hours 8 --rate 100 --submissions 500

The sitting is whole (watch, intake, journal, grader with real child processes that grade
nothing) under a clock that runs so many times faster. Prints memory, open files, child
processes and the time to replay the journal; status 1 when memory grew by more than
5 MB after the warm-up, a file or process was left, or the clock drifted.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from engine.clock import Instant
from engine.grading.host.grader import Grader
from engine.grading.protocol import Graded
from engine.sitting.proctor import Proctor
from engine.sitting.state.sitting import Phase
from engine.sitting.store.journal import NAME, read_journal, restored
from engine.sitting.store.record import category_folder
from tests.engine.fake_child import command
from tests.engine.sittings import FIRST, SECOND, make_settings, make_sitting, model

MEGABYTE = 1_000_000
GROWTH_AT_MOST = 5.0
OFF_AT_MOST = 1.0
WARM_UP = 0.15


class FastClock:
    """The machine's clock, so many times faster from now on."""

    def __init__(self, rate: float) -> None:
        self._rate, self._began = rate, time.monotonic()

    @property
    def passed(self) -> float:
        """Seconds since it was made, by this clock."""
        return (time.monotonic() - self._began) * self._rate

    def now(self) -> Instant:
        """The present moment."""
        passed = self.passed
        return Instant(wall=1_800_000_000.0 + passed, boot=1_000.0 + passed, boot_id="soak")


class Reading(NamedTuple):
    """What the process holds at one moment; memory in megabytes."""

    memory: float
    files: int
    children: int

    @classmethod
    def take(cls) -> "Reading":
        gc.collect()
        me = psutil.Process()
        return cls(me.memory_info().rss / MEGABYTE, me.num_fds(), len(me.children(recursive=True)))


class Soaked(NamedTuple):
    """What came of it; seconds of real time but for `drift`, which is exam time."""

    warm: Reading
    end: Reading
    submissions: int
    graded: int
    drift: float
    replay: float

    @property
    def growth(self) -> float:
        return self.end.memory - self.warm.memory

    @property
    def is_well(self) -> bool:
        kept = self.end.files <= self.warm.files and self.end.children <= self.warm.children
        right = abs(self.drift) <= OFF_AT_MOST and self.graded == self.submissions
        return kept and right and self.growth <= GROWTH_AT_MOST


async def soak(folder: Path, hours: float, rate: float, submissions: int) -> Soaked:
    """Sit for so many hours of the fast clock, with so many submissions evenly spread."""
    clock = FastClock(rate)
    settings = make_settings(folder)
    sitting = await make_sitting(
        folder, clock, settings=settings, minutes=hours * 60 + 60, kind="exam"
    )
    grader = Grader(logs=sitting / "logs", command=command("grades"))
    proctor = Proctor.open(sitting, settings=settings, clock=clock, grader=grader)
    running = asyncio.create_task(proctor.run())
    proctor.start()
    while proctor.sitting.phase is not Phase.RUNNING:  # noqa: ASYNC110 - the app has its events
        await asyncio.sleep(0.01)
    began, left = clock.passed, proctor.time_left()
    warm = Reading.take()
    for number in range(1, submissions + 1):
        await _save(proctor, number)
        due = began + number * hours * 3600 / submissions
        await asyncio.sleep(max(0.0, (due - clock.passed) / rate))
        if number == max(1, int(submissions * WARM_UP)):
            warm = Reading.take()
    drift = (left - proctor.time_left()) - (clock.passed - began)
    graded = sum(isinstance(each.grade, Graded) for each in proctor.sitting.submissions)
    end = Reading.take()
    await proctor.close()
    await running
    return Soaked(warm, end, submissions, graded, drift, _replay(sitting, proctor))


async def _save(proctor: Proctor, number: int) -> None:
    """A new model for one of the two tasks, until it is graded."""
    folder = category_folder(proctor.record, FIRST if number % 2 else SECOND)
    part = folder / "saving.part"
    part.write_bytes(model(f"number {number}", 20_000))
    part.replace(folder / "mymodel.h5")
    async with asyncio.timeout(120):
        while True:
            known = proctor.sitting.submissions
            if len(known) >= number and known[number - 1].grade is not None:
                return
            await asyncio.sleep(0.005)


def _replay(sitting: Path, proctor: Proctor) -> float:
    began = time.perf_counter()
    path = sitting / NAME
    state = restored(proctor.record, read_journal(path).events, path)
    took = time.perf_counter() - began
    assert state == proctor.sitting, "the journal tells another state"
    return took


def table(soaked: Soaked) -> str:
    """For people."""
    warm, end = soaked.warm, soaked.end
    return "\n".join(
        [
            f"submissions graded        {soaked.graded:8} of {soaked.submissions}",
            f"memory after warm-up      {warm.memory:8.1f} MB",
            f"memory at the end         {end.memory:8.1f} MB   growth {soaked.growth:+.1f} MB",
            f"open files                {warm.files:8} then {end.files}",
            f"child processes           {warm.children:8} then {end.children}",
            f"clock drift               {soaked.drift:8.2f} s of exam time",
            f"journal replay            {soaked.replay * 1000:8.1f} ms",
        ]
    )


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--hours", type=float, default=8)
    asked.add_argument("--rate", type=float, default=100)
    asked.add_argument("--submissions", type=int, default=500)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="tfexam-soak-") as folder:
        soaked = asyncio.run(soak(Path(folder), given.hours, given.rate, given.submissions))
    sys.stdout.write(table(soaked) + "\n")
    return 0 if soaked.is_well else 1


if __name__ == "__main__":
    sys.exit(main())
