"""Kills the grading of a class at seeded moments; each next run must go on where it stopped.

    python -m tests.torture.class_kills --kills 20 --files 40 --seed 1

Every life is `run_life` in a process of its own, killed with all its children (SIGKILL) some
rows and a moment later. After every kill the rows that were on disk must still be there, byte
for byte. When a life has come to its end, the results must be those of an undisturbed run but
for the seconds, and no content may have been graded twice but what a kill cut short. A child
without TensorFlow answers. Prints what came of it; status 1 for any difference.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from engine.classroom.grading_engine import LocalPool
from engine.classroom.intake.collection import Collection
from engine.classroom.intake.roster import read_roster
from engine.classroom.intake.submissions import Submissions, unpacked_folder
from engine.classroom.intake.unpacked import Unpacked
from engine.classroom.results import ROWS, ResultsFolder
from engine.classroom.run import ClassRun
from engine.classroom.run_record import ClassTask, RunRecord, tasks_of
from engine.grading.host.batch import FileToGrade, GradedFile
from exam_bank.datasets.store import Store
from tests.engine.fake_child import command, whole_hdf5
from tests.engine.test_batch import a_task

PEOPLE = 12
LONGEST_LIFE = 300.0
RUN = RunRecord(
    tfexam_version="0",
    code="",
    bank="0",
    tasks=tuple(
        ClassTask(task="garments", category=2, seed=seed, level="hard", weight=1.0, material="0")
        for seed in (1,)
    ),
)


class NotingEngine:
    """The local pool, that notes in a file what was begun to be answered."""

    def __init__(self, pool: LocalPool, notes: Path) -> None:
        self._pool, self._notes = pool, notes

    async def grade(self, files: Sequence[FileToGrade]) -> AsyncGenerator[GradedFile, None]:
        answers = self._pool.grade(files)
        try:
            async for each in answers:
                with self._notes.open("a") as notes:
                    notes.write(f"{each.file.task.id} {each.sha256 or each.file.path}\n")
                yield each
        finally:
            await answers.aclose()


def make_files(folder: Path, files: int, chance: random.Random) -> None:
    """A class of fake models: some equal, some not whole, some of nobody, some missing."""
    people = [f"p{n:02},Person {n}" for n in range(PEOPLE)]
    (folder / "roster.csv").write_text("\n".join(["id,name", *people]))
    for n in range(files):
        who = f"p{n % (PEOPLE - 1):02}" if n % 13 else "nobody"
        path = folder / "class" / who / f"{n}" / "Category2" / "mymodel.h5"
        path.parent.mkdir(parents=True)
        if chance.random() < 0.2:
            path.write_text(f"no model {n}")
        else:
            whole_hdf5(path, 2048 + (n if chance.random() < 0.7 else 1))


async def run_life(folder: Path, out: Path) -> None:
    """One whole run of the class in `folder` into `out`."""
    task = a_task(folder / "task")
    run = tasks_of(RUN, {"garments": task})
    unpacked = Unpacked(unpacked_folder(out))
    collection = Collection(unpacked, 10_000_000)
    collection.add(folder / "class", "class")
    roster, found = Submissions(read_roster(folder / "roster.csv"), RUN, unpacked).find(collection)
    pool = LocalPool(
        cache=folder / "cache",
        logs=out / "logs",
        store=Store(folder / "datasets"),
        workers=2,
        command=command("grades"),
    )
    with ResultsFolder.open(out, RUN) as results:
        results.keep_roster(roster)
        engine = NotingEngine(pool, out.with_suffix(".graded"))
        await ClassRun(RUN, run, results).grade(roster, found, engine)


class Toll:
    """What came of it."""

    def __init__(self) -> None:
        self.kills = 0
        self.lives = 0
        self.moments: list[int] = []
        self.faults: list[str] = []

    def expect(self, holds: bool, fault: str) -> None:
        if not holds:
            self.faults.append(fault)


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a run without what differs each time."""
    found = [json.loads(each) for each in path.read_bytes().splitlines()]
    return [{**each, "seconds": 0} for each in found]


def whole_lines(path: Path) -> bytes:
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


class Killer:
    """Grades the class once in peace, then again under kills."""

    def __init__(self, folder: Path, life: Sequence[str], out_name: str, kills: int) -> None:
        self._folder, self._life, self._kills = folder, life, kills
        self._out_name = out_name
        self.toll = Toll()

    def run(self, chance: random.Random) -> Toll:
        peace = self._folder / "peace"
        self._live(peace)
        # Kills at about the same distance, by what is on disk: seconds mean little on a busy
        # machine.
        most = max(1, 2 * len(rows(peace / ROWS)) // self._kills)
        for number in itertools.count():
            out = self._folder / f"{self._out_name}-{number}"
            ended = False
            while self.toll.kills < self._kills and not ended:
                ended = self._killed(out, chance.randrange(most + 1), chance.random() * 0.3)
            self._live(out)
            self.toll.expect(rows(out / ROWS) == rows(peace / ROWS), "the results differ")
            self._count(out.with_suffix(".graded"))
            if self.toll.kills >= self._kills:
                return self.toll
        raise AssertionError

    def _killed(self, out: Path, more: int, seconds: float) -> bool:
        """One life that is killed after `more` rows and some seconds; whether it ended before."""
        before = whole_lines(out / ROWS)
        life = self._start(out)
        wanted = before.count(b"\n") + more
        while life.poll() is None and whole_lines(out / ROWS).count(b"\n") < wanted:
            time.sleep(0.01)
        try:
            life.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(life.pid, signal.SIGKILL)
            life.wait()
        ended = life.returncode == 0
        after = whole_lines(out / ROWS)
        kept = after.startswith(before) or ended
        self.toll.expect(kept, "rows that were on disk are gone")
        self.toll.kills += not ended
        self.toll.moments += [] if ended else [after.count(b"\n")]
        return ended

    def _start(self, out: Path) -> "subprocess.Popen[bytes]":
        self.toll.lives += 1
        return subprocess.Popen(
            [*self._life, str(out)], stdout=subprocess.DEVNULL, start_new_session=True
        )

    def _live(self, out: Path) -> None:
        """One life to its end."""
        life = self._start(out)
        try:
            self.toll.expect(life.wait(LONGEST_LIFE) == 0, "a life failed")
        except subprocess.TimeoutExpired:
            self.toll.faults.append("a life did not end")
            os.killpg(life.pid, signal.SIGKILL)

    def _count(self, notes: Path) -> None:
        """Each content is graded once; what a kill cut short may be graded once more."""
        if not notes.exists():
            return
        graded = Counter(notes.read_text().split("\n"))
        twice = sum(count - 1 for count in graded.values() if count > 1)
        # Noted before its row is on disk: one for each kill can be in between.
        self.toll.expect(twice <= self.toll.kills, f"{twice} were graded again")


def main() -> int:
    """Kill and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--life", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.life:
        asyncio.run(run_life(*given.life))
        return 0
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="tfexam-class-") as name:
        folder = Path(name)
        make_files(folder, given.files, chance)
        life = [sys.executable, "-m", "tests.torture.class_kills", "--life", str(folder)]
        toll = Killer(folder, life, "killed", given.kills).run(chance)
    sys.stdout.write(f"{toll.kills} kills in {toll.lives} lives, {len(toll.faults)} faults\n")
    sys.stdout.write(f"rows on disk at the kills: {toll.moments}\n")
    for each in toll.faults:
        sys.stdout.write(f"✗ {each}\n")
    return 1 if toll.faults else 0


if __name__ == "__main__":
    sys.exit(main())
