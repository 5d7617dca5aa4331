"""Kills the grading of a class at seeded moments; each next run must go on where it stopped.

    python -m tests.torture.class_kills --kills 20 --files 40 --seed 1
    python -m tests.torture.class_kills --real --kills 20 --files 24

Every life is `run_life` in a process of its own, killed (SIGKILL) some rows and a moment later.
After every kill the rows that were on disk must still be there, byte for byte, and no process
that the life had started. When a life has come to its end, the results must be those of an
undisturbed run but for the seconds, and no content may have been graded twice but what a kill
cut short. A child without TensorFlow answers; with --real it is the grader itself, and the
files are models, refused ones and hostile ones of `make_class`. Prints what came of it; status 1
for any difference.
"""

import argparse
import asyncio
import contextlib
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
from typing import Any, NamedTuple

import psutil

from engine.classroom.grading_engine import LocalPool
from engine.classroom.intake.collection import Collection
from engine.classroom.intake.roster import read_roster
from engine.classroom.intake.submissions import Submissions, unpacked_folder
from engine.classroom.intake.unpacked import Unpacked
from engine.classroom.results import ROWS, ResultsFolder
from engine.classroom.run import ClassRun
from engine.classroom.run_record import ClassTask, RunRecord, record_of, tasks_of
from engine.grading.host.batch import FileToGrade, GradedFile
from engine.grading.host.child import COMMAND
from exam_bank.catalog import Catalog
from exam_bank.datasets.store import Store
from exam_bank.paper import from_code
from exam_bank.task import Task
from tests.engine.fake_child import command, whole_hdf5
from tests.engine.test_batch import a_task
from tests.processes import outliving
from tests.torture import make_class

PEOPLE = 12
LONGEST_LIFE = 1800.0
SECONDS, MEGABYTES = 4.0, 1500.0
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


class Life(NamedTuple):
    """What a life grades, and who does."""

    run: RunRecord
    tasks: dict[str, Task]
    handed_in: list[Path]
    command: Sequence[str]


def fake_life(folder: Path) -> Life:
    """The class of `make_files`, and a child that answers at once."""
    tasks = tasks_of(RUN, {"garments": a_task(folder / "task")})
    return Life(RUN, tasks, [folder / "class"], command("grades"))


def real_life(folder: Path) -> Life:
    """The class of `make_class`, and the grader, with limits that end the two slow files soon."""
    made, bank = make_class.read(folder), Catalog.find()
    paper = from_code(bank, made.code)
    run = record_of(paper, bank, limit_seconds=SECONDS, limit_mb=MEGABYTES)
    tasks = tasks_of(run, {each.id: each for each in bank.tasks})
    return Life(run, tasks, made.handed_in, COMMAND)


async def run_life(folder: Path, out: Path) -> None:
    """One whole run of the class in `folder` into `out`."""
    is_real = (folder / "made.json").exists()
    life = real_life(folder) if is_real else fake_life(folder)
    unpacked = Unpacked(unpacked_folder(out))
    collection = Collection(unpacked, 200_000_000)
    for path in life.handed_in:
        collection.add(path, path.name)
    stated = read_roster(folder / "roster.csv")
    roster, found = Submissions(stated, life.run, unpacked).find(collection)
    pool = LocalPool(
        cache=folder / "cache",
        logs=out / "logs",
        store=Store(folder / "datasets"),
        workers=2,
        command=life.command,
    )
    with ResultsFolder.open(out, life.run) as results:
        results.keep_roster(roster)
        engine = NotingEngine(pool, out.with_suffix(".graded"))
        await ClassRun(life.run, life.tasks, results).grade(roster, found, engine)


def _command_of(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())[-80:]
    return "gone by now"


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
    """Grades the class once in peace, then again under so many kills, or for so many seconds."""

    def __init__(
        self, folder: Path, life: Sequence[str], out_name: str, kills: int, seconds: float
    ) -> None:
        self._folder, self._life, self._kills = folder, life, kills
        self._out_name, self._seconds = out_name, seconds
        self.toll = Toll()

    def run(self, chance: random.Random) -> Toll:
        peace = self._folder / "peace"
        self._live(peace)
        # Kills at about the same distance, by what is on disk: seconds mean little on a busy
        # machine.
        most = max(1, 2 * len(rows(peace / ROWS)) // self._kills)
        end = time.monotonic() + self._seconds
        for number in itertools.count():
            out = self._folder / f"{self._out_name}-{number}"
            ended = False
            while self._goes_on(end) and not ended:
                ended = self._killed(out, chance.randrange(most + 1), chance.random() * 0.3)
            self._live(out)
            self.toll.expect(rows(out / ROWS) == rows(peace / ROWS), "the results differ")
            self._count(out.with_suffix(".graded"))
            if not self._goes_on(end):
                return self.toll
        raise AssertionError

    def _goes_on(self, end: float) -> bool:
        return self.toll.kills < self._kills and time.monotonic() < end

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
            started = psutil.Process(life.pid).children(recursive=True)
            os.killpg(life.pid, signal.SIGKILL)
            life.wait()
            left = [_command_of(each) for each in outliving(started, 60)]
            self.toll.expect(not left, f"processes outlived the run: {left}")
        ended = life.returncode == 0
        after = whole_lines(out / ROWS)
        # A run that has all rows puts them in order before it ends.
        gone = set(before.splitlines()) - set(after.splitlines())
        self.toll.expect(not gone, "rows that were on disk are gone")
        self.toll.kills += not ended
        self.toll.moments += [] if ended else [after.count(b"\n")]
        sys.stderr.write(f"{self.toll.kills} kills, {after.count(bytes([10]))} rows on disk\n")
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


def _make(folder: Path, given: argparse.Namespace, chance: random.Random) -> None:
    """The class, either of made models or of files that only look like some."""
    if given.real:
        make_class.make(folder, max(4, given.files // 4), given.seed)
    else:
        folder.mkdir()
        make_files(folder, given.files, chance)


def main() -> int:
    """Kill and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--life", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.life:
        asyncio.run(run_life(*given.life))
        return 0
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="tfexam-class-") as name:
        folder = Path(name, "class")
        _make(folder, given, chance)
        life = [sys.executable, "-m", "tests.torture.class_kills", "--life", str(folder)]
        toll = Killer(Path(name), life, "killed", given.kills, given.minutes * 60).run(chance)
    sys.stdout.write(f"{toll.kills} kills in {toll.lives} lives, {len(toll.faults)} faults\n")
    sys.stdout.write(f"rows on disk at the kills: {toll.moments}\n")
    for each in toll.faults:
        sys.stdout.write(f"✗ {each}\n")
    return 1 if toll.faults else 0


if __name__ == "__main__":
    sys.exit(main())
