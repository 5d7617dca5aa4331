"""Refuses a sitting threads, processes, descriptors and memory; every model must be taken.

    python -m tests.torture.refusals --runs 500 --seed 1

A scripted candidate sits exams, each in a process of its own. Before each save, and before
the last second, one refusal is armed at a seeded moment: a single call, a few, or some
seconds of them. Every complete model must be taken in exactly once and graded, the exam
must end at its deadline, each refusal that hinders anything must be said, and said once,
and the process must live. Prints the refusals by kind; status 1 for any difference.
"""

import argparse
import asyncio
import faulthandler
import json
import os
import random
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.clock import Instant, SystemClock
from engine.grading.host.grader import Grader
from engine.grading.protocol import Graded, GraderFailed
from engine.sitting.notices import Happened, Note, Notice, Trouble
from engine.sitting.proctor import Proctor
from engine.sitting.state.sitting import Phase
from engine.sitting.store.journal import NAME, read_journal
from engine.sitting.store.record import category_folder
from exam_bank.platform.thread_start import refuse_dead_threads
from tests.engine import fake_child
from tests.engine.sittings import FIRST, SECOND, make_settings, make_sitting, model
from tests.torture import victim
from tests.torture.refuser import KINDS, REAL, Refusal, Refuser, as_ordinary_user

EXAM_SECONDS = 3600.0
STEPS = 7
AT_ONCE = 4
PATIENCE = 60.0
# An exam that has not come to its end by then stands still; where, is in its log.
HANGS = 150.0


@dataclass
class Toll:
    """What came of one exam, or of all."""

    refusals: Counter[str] = field(default_factory=Counter)
    refused_calls: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    models: int = 0
    exams: int = 0
    latest_end: float = 0.0
    faults: list[str] = field(default_factory=list)

    def add(self, other: "Toll") -> None:
        self.refusals += other.refusals
        self.refused_calls += other.refused_calls
        self.said += other.said
        self.models += other.models
        self.exams += other.exams
        self.latest_end = max(self.latest_end, other.latest_end)
        self.faults += other.faults


class ShiftedClock:
    """The machine's clock, which can be set forward."""

    def __init__(self) -> None:
        self._true, self._ahead = SystemClock(), 0.0

    def now(self) -> Instant:
        return self._true.now().later(self._ahead)

    def forward(self, seconds: float) -> None:
        self._ahead += seconds


class Exam:
    """One exam of the scripted candidate."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self.clock, self.refuser, self.toll = ShiftedClock(), Refuser(), Toll()
        self.settings = make_settings(folder, poll_seconds=0.2)
        self.saved: list[str] = []
        self._trained: list[Path] = []
        self.told: list[str] = []
        self.proctor: Proctor

    async def sit(self) -> Toll:
        """From the first second to the result."""
        sitting = await make_sitting(
            self.folder,
            self.clock,
            kind="exam",
            minutes=EXAM_SECONDS / 60,
            settings=self.settings,
        )
        victim._hurry()
        self.refuser.install()
        running = self._opened(sitting)
        first = ("threads", "descriptors", *REAL[:1])
        async with self._armed(first):
            self.proctor.start()
            await self._until(lambda: self.proctor.sitting.phase is Phase.RUNNING, "the start")
        self._train(FIRST)  # its folder is there once the clock runs
        async with self._armed(first):
            await self._saved("the first")
        for number in range(2, STEPS + 1):
            self._train(*((FIRST, SECOND) if number % 3 == 0 else ((FIRST, SECOND)[number % 2],)))
            async with self._armed(KINDS):
                await self._saved(f"step {number}")
        await self._end()
        await self.proctor.close()
        await running
        await self._graded_at_last(sitting)
        self._judge(sitting)
        return self.toll

    def _opened(self, sitting: Path) -> "asyncio.Task[None]":
        grader = Grader(logs=sitting / "logs", command=fake_child.command("graded"))
        self.proctor = Proctor.open(
            sitting, settings=self.settings, clock=self.clock, grader=grader
        )
        self.proctor.subscribe(self._hear)
        return asyncio.create_task(self.proctor.run())

    # -- the candidate -------------------------------------------------------------------

    def _train(self, *tasks: str) -> None:
        """Write new models beside their places."""
        for task in tasks:
            content = model(f"{len(self.saved)} of {self.chance.random()}", victim.SIZE)
            self.saved.append(sha256(content).hexdigest())
            folder = category_folder(self.proctor.record, task)
            (folder / "saving.part").write_bytes(content)
            self._trained.append(folder)

    async def _saved(self, what: str) -> None:
        """Save what was trained, and wait until it is graded."""
        self._put_in_place()
        await self._until(self._all_graded, what)

    def _put_in_place(self) -> None:
        while self._trained:
            folder = self._trained.pop()
            os.rename(folder / "saving.part", folder / "mymodel.h5")  # noqa: PTH104 - not refused

    async def _end(self) -> None:
        """A model in the last second, and the deadline."""
        self._train(FIRST)
        async with self._armed(KINDS):
            self.clock.forward(self.proctor.time_left() - 1.0)
            self._put_in_place()
            deadline = self.proctor.sitting.deadline
            assert deadline is not None
            await self._until(lambda: self.proctor.sitting.phase is Phase.ENDED, "the end")
            self.toll.latest_end = self.clock.now().since(deadline)
        await self._until(lambda: not self.proctor.sitting.unfinished, "the last grade")

    async def _graded_at_last(self, folder: Path) -> None:
        """What our grader failed on is graded at the next opening, and nothing refused."""
        running = self._opened(folder)
        await self._until(self._all_without_fault, "all grades")
        await self.proctor.close()
        await running

    def _all_graded(self) -> bool:
        sitting = self.proctor.sitting
        return len(sitting.submissions) >= len(self.saved) and not sitting.unfinished

    async def calm(self) -> None:
        """Until every row of faults is over and told, so that the next refusal is a new one."""
        await self._until(self._is_calm, "calm")

    def _is_calm(self) -> bool:
        proctor, watch = self.proctor, self.proctor._watcher
        is_watched = watch is None or watch.is_over or not watch._supervisor.faults
        if proctor._subscribers._rows or not is_watched:
            proctor.look()
            return False
        return proctor._queue.empty()

    def _all_without_fault(self) -> bool:
        return not (self.proctor.sitting.failed or self.proctor.sitting.unfinished)

    async def _until(self, true: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    self.refuser.relax_in_time()
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{what} never came; told: {self.told}") from None

    def _hear(self, notice: Notice) -> None:
        if isinstance(notice, Trouble):
            self.told.append(str(notice.error))
        elif isinstance(notice, Happened):
            grade = getattr(notice.event, "grade", None)
            if isinstance(grade, GraderFailed):
                self.told.append(f"grader failed: {grade.message.text()}")
        elif isinstance(notice, Note):
            self.told.append(f"note: {notice.message.text()}")

    # -- the refusals --------------------------------------------------------------------

    def _armed(self, kinds: tuple[str, ...]) -> "_Armed":
        return _Armed(self, self._refusal(kinds))

    def _refusal(self, kinds: tuple[str, ...]) -> Refusal:
        chance = self.chance
        kind = chance.choice(kinds)
        most = {"threads": 0, "processes": 0, "descriptors": 12, "memory": 250}.get(kind, 0)
        length = chance.random()
        if kind in REAL or length > 0.75:
            long = chance.random() < 0.2
            seconds = chance.uniform(2.0, 4.0) if long else chance.uniform(0.2, 1.5)
            return Refusal(kind, chance.randint(0, most), seconds=seconds)
        calls = 1 if length < 0.4 else chance.randint(2, 20)
        return Refusal(kind, chance.randint(0, most), calls=calls)

    def _judge(self, sitting: Path) -> None:
        self.toll.exams = 1
        submissions = self.proctor.sitting.submissions
        taken = [each.sha256 for each in submissions]
        if sorted(taken) != sorted(self.saved):
            self.toll.faults.append(f"{len(taken)} of {len(self.saved)} models taken: {taken}")
        self.toll.models = len(taken)
        if not all(isinstance(each.grade, Graded) for each in submissions):
            verdicts = [type(each.grade).__name__ for each in submissions]
            self.toll.faults.append(f"not every model is graded: {verdicts}; {self.told}")
        names = [type(each).__name__ for each in read_journal(sitting / NAME).events]
        if names.count("Ended") != 1 or names.count("Submitted") != len(self.saved):
            self.toll.faults.append(f"the journal tells otherwise: {Counter(names)}")


class _Armed:
    """While one refusal is armed: at the end it is over, and what was said is counted."""

    def __init__(self, exam: Exam, refusal: Refusal) -> None:
        self._exam, self._refusal = exam, refusal

    async def __aenter__(self) -> None:
        self._before = len(self._exam.told)
        self._exam.refuser.arm(self._refusal)

    async def __aexit__(self, kind: object, *_: object) -> None:
        refusal, toll = self._exam.refuser.disarm(), self._exam.toll
        if kind is not None or not refusal.has_come:
            return
        await self._exam.calm()
        toll.refusals[refusal.kind] += 1
        toll.refused_calls[refusal.kind] += refusal.refused
        said = [each for each in self._exam.told[self._before :] if not each.startswith("note: ")]
        again = [each for each, count in Counter(said).items() if count > 1]
        failed = sum(each.startswith("grader failed") for each in said)
        if [each for each in again if not each.startswith("grader failed")] or failed > 2:
            toll.faults.append(f"{refusal}: said more than once: {said}")
        if refusal.must_be_heard and not said:
            toll.faults.append(f"{refusal}: nothing was said")
        toll.said[refusal.kind] += bool(said)


def begin(folder: Path, seed: int) -> int:
    """Fork a process that sits one exam, held to limits as an ordinary user is; its number."""
    folder.mkdir()
    child = os.fork()
    if not child:
        _child(folder, seed, folder / "toll.json")
    return child


def ended(folder: Path, seed: int, status: int) -> Toll:
    """What came of the exam in `folder`, whose process ended with `status`."""
    told = folder / "toll.json"
    if status or not told.exists():
        why = (folder / "log").read_text(errors="replace")[-1500:] or "it wrote nothing"
        return Toll(faults=[f"exam {seed}: its process ended with {status}: {why}"])
    found: dict[str, Any] = json.loads(told.read_text())
    for name in ("refusals", "refused_calls", "said"):
        found[name] = Counter(found[name])
    shutil.rmtree(folder)
    return Toll(**found)


def _child(folder: Path, seed: int, told: Path) -> None:
    status = 1
    try:
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT, 0o666)
        os.dup2(log, 1)
        os.dup2(log, 2)
        faulthandler.dump_traceback_later(HANGS, exit=True)
        refuse_dead_threads()  # as the app's process does at its beginning
        as_ordinary_user()
        toll = asyncio.run(Exam(folder, seed).sit())
        toll.faults = [f"exam {seed}: {each}" for each in toll.faults]
        told.write_text(json.dumps(vars(toll)))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def torture(runs: int, seed: int, folder: Path) -> Toll:
    """Exams, some at once, until `runs` refusals have come."""
    toll, number = Toll(), seed * 100_000
    running: dict[int, int] = {}
    while running or toll.refusals.total() < runs:
        # No threads here: a process forked beside one may inherit a lock that nobody frees.
        while len(running) < AT_ONCE and toll.refusals.total() < runs and len(toll.faults) < 20:
            running[begin(folder / str(number), number)] = number
            number += 1
        child, status = os.wait()
        own = running.pop(child)
        toll.add(ended(folder / str(own), own, status))
        if len(toll.faults) >= 20 and not running:
            break
    return toll


def table(toll: Toll) -> str:
    """What came of it, for people."""
    width = max(map(len, KINDS))
    lines = [f"{'refused':{width}}  refusals    calls  said (once)"]
    lines += [
        f"{kind:{width}}  {toll.refusals[kind]:8} {toll.refused_calls[kind]:8} {toll.said[kind]:8}"
        for kind in KINDS
    ]
    return "\n".join(
        [
            *lines,
            f"{'all':{width}}  {toll.refusals.total():8} {toll.refused_calls.total():8} "
            f"{toll.said.total():8}",
            "",
            f"exams sat to their end        {toll.exams:6}",
            f"models taken in and graded    {toll.models:6}",
            f"latest end after the deadline {toll.latest_end:6.1f} s",
            f"faults                        {len(toll.faults):6}",
            *toll.faults,
        ]
    )


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--runs", type=int, default=500, help="how many refusals")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="tfexam-refusals-") as folder:
        toll = torture(given.runs, given.seed, Path(folder))
    sys.stdout.write(table(toll) + "\n")
    return 1 if toll.faults else 0


if __name__ == "__main__":
    sys.exit(main())
