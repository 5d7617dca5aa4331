"""Every way in which a model comes into a folder, with file events and without.

    python -m tests.torture.files [--haste 10]

Each way runs in a whole sitting of its own (intake, journal, proctor; only the grader is
a fake), all at once: every complete file must be graded exactly once, its frozen bytes
must be its bytes, and nothing may be graded half. `--haste 1` takes the writers' pauses
and the intake's quiet at their true length. Prints the table; status 1 for any fault.
"""

import argparse
import asyncio
import hashlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine.clock import SystemClock
from engine.grading.protocol import Grade, Job, Progress
from engine.sitting.intake import scanner
from engine.sitting.proctor import Proctor
from engine.sitting.state.sitting import SubmissionState
from engine.sitting.store.record import category_folder
from engine.threads import in_daemon_thread
from tests.engine.sittings import FIRST, FakeGrader, graded, make_settings, make_sitting
from tests.torture.ways import WAYS, Desk

MODES = ("watchdog", "polling")
HASTE = 10.0
# The slow pace beside file events is so slow here that what events miss shows.
POLL_SECONDS = {"watchdog": 20.0, "polling": 2.0}
# More than any quiet period and pace: what is to be taken has been taken by then.
WAIT = 40.0


class Outcome(NamedTuple):
    """What one way in one mode came to; `faults` is empty when all is well."""

    way: str
    mode: str
    complete: int
    graded: int
    faults: tuple[str, ...]


class _Grader(FakeGrader):
    """Takes its time, so that something can happen meanwhile; remembers only hashes."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self.hashes: list[str] = []
        self.working = False

    async def grade(self, job: Job, on_progress: Callable[[Progress], None]) -> Grade:
        self.working = True
        self.hashes.append(await in_daemon_thread(lambda: _hash_of(Path(job.model))))
        await asyncio.sleep(self._seconds)
        self.working = False
        return graded(3)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def try_way(way: str, mode: str, folder: Path, haste: float) -> Outcome:
    """One way, in a sitting of its own below `folder`."""
    clock, grader = SystemClock(), _Grader(3.0 / haste)
    settings = make_settings(folder, poll_seconds=POLL_SECONDS[mode] / haste)
    sitting = await make_sitting(folder, clock, settings=settings)
    proctor = Proctor.open(sitting, settings=settings, clock=clock, grader=grader)
    running = asyncio.create_task(proctor.run())
    proctor.start()
    # The first look and the import of watchdog are over before anybody has trained.
    await asyncio.sleep(1.0)
    if mode == "polling":
        assert proctor._watcher is not None
        proctor._watcher._hints.stop()
    target = category_folder(proctor.record, FIRST)
    desk = Desk(target, haste, lambda: grader.working, lambda: len(grader.hashes))
    complete = await in_daemon_thread(lambda: WAYS[way](desk))
    await _settled(proctor, WAIT / haste)
    faults = _faults(proctor, sitting, grader, complete)
    await proctor.close()
    await running
    return Outcome(way, mode, len(complete), len(grader.hashes), tuple(faults))


async def _settled(proctor: Proctor, seconds: float) -> None:
    """Until nothing has come in and nothing was graded for `seconds`."""
    loop = asyncio.get_running_loop()
    before, since = proctor.sitting, loop.time()
    while loop.time() - since < seconds:
        await asyncio.sleep(0.02)
        if proctor.sitting is not before:
            before, since = proctor.sitting, loop.time()


def _faults(proctor: Proctor, sitting: Path, grader: _Grader, complete: list[bytes]) -> list[str]:
    expected = [hashlib.sha256(content).hexdigest() for content in complete]
    submissions = proctor.sitting.submissions
    faults = []
    if grader.hashes != expected:
        half = [each[:8] for each in grader.hashes if each not in expected]
        faults.append(f"graded {len(grader.hashes)} of {len(expected)}, half or foreign: {half}")
    if any(each.state is not SubmissionState.GRADED for each in submissions):
        faults.append("not every submission is graded")
    kept = sorted((sitting / "submissions").iterdir())
    if [each.name for each in kept] != sorted(f"{each}.h5" for each in set(expected)):
        faults.append(f"{len(kept)} files kept")
    if any(_hash_of(each) != each.stem for each in kept):
        faults.append("frozen bytes differ from their name")
    return faults


async def try_all(folder: Path, haste: float, ways: tuple[str, ...] = tuple(WAYS)) -> list[Outcome]:
    """Every way in both modes, all at once."""
    hurry(haste)
    return await asyncio.gather(
        *(
            try_way(way, mode, folder / f"{number}-{mode}", haste)
            for number, way in enumerate(ways)
            for mode in MODES
        )
    )


def hurry(haste: float) -> None:
    """Divide the intake's moments of quiet in this process."""
    for times in (scanner.QUIET, scanner.PATIENCE):
        for state, seconds in times.items():
            times[state] = seconds / haste
    for name in ("WRITER_PAUSE", "RETRY_PAUSE", "LAST_CALL_QUIET"):
        setattr(scanner, name, getattr(scanner, name) / haste)


def table(outcomes: list[Outcome]) -> str:
    """One line a way: complete files, and how often each mode graded."""
    by = {(each.way, each.mode): each for each in outcomes}
    ways = list(dict.fromkeys(each.way for each in outcomes))
    width = max(map(len, ways))
    lines = [f"{'way':{width}}  complete  " + "  ".join(f"{mode:>10}" for mode in MODES)]
    for way in ways:
        each = [by[way, mode] for mode in MODES]
        cells = "  ".join(
            f"{one.graded:>4} {'ok' if not one.faults else 'FAULT':>5}" for one in each
        )
        lines.append(f"{way:{width}}  {each[0].complete:>8}  {cells}")
    faults = [f"{one.way} ({one.mode}): {fault}" for one in outcomes for fault in one.faults]
    return "\n".join([*lines, "", f"{len(ways)} ways, {len(faults)} faults", *faults])


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--haste", type=float, default=HASTE, help="1: everything at true length")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="tfexam-files-") as folder:
        outcomes = asyncio.run(try_all(Path(folder), given.haste))
    sys.stdout.write(table(outcomes) + "\n")
    return int(any(each.faults for each in outcomes))


if __name__ == "__main__":
    sys.exit(main())
