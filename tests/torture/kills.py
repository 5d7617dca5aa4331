"""Kills a sitting again and again at seeded moments; nothing may be lost or doubled.

    python -m tests.torture.kills --runs 1000 --seed 1

Each life of a sitting is a forked process that goes on where the last one was killed
(SIGKILL): at a random moment, or at a named place such as the middle of a journal line.
After every kill the journal must hold every event that the dead process had been told,
and must begin as it did before; when a sitting has come to its end, all it came to must
be what the same script gives without kills. Prints the kills by phase; status 1 for any
difference.
"""

import argparse
import asyncio
import contextlib
import hashlib
import os
import random
import signal
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.clock import SystemClock
from engine.sitting.state import report
from engine.sitting.state.events import Event
from engine.sitting.store import history
from engine.sitting.store.journal import NAME, read_journal, restored
from engine.sitting.store.record import read_record
from tests.engine.sittings import make_settings
from tests.torture import victim
from tests.torture.marks import PHASES, Marks

LONGEST_LIFE = 60.0
USUAL_LIFE = 0.4
LIVES_AT_MOST = 400


@dataclass
class Toll:
    """What came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    sittings: int = 0
    lost: int = 0
    doubled: int = 0
    differing: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.kills.values())

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.differing)

    def add(self, other: "Toll") -> None:
        self.kills += other.kills
        self.sittings += other.sittings
        self.lost += other.lost
        self.doubled += other.doubled
        self.differing += other.differing


class Killer:
    """Kills the lives of one sitting after the other, in a folder of its own."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.toll = Toll()
        self._chance = random.Random(seed)
        self._marks = Marks()

    def kill(self, runs: int) -> Toll:
        """Live sittings to their ends until `runs` kills are counted."""
        expected = self._outcome(self._unharmed())
        while self.toll.total < runs:
            sitting = self._laid_out()
            self._live(sitting)
            self.toll.sittings += 1
            found = self._outcome(sitting)
            if found != expected:
                self.toll.differing.append(f"{sitting.name}: {found} instead of {expected}")
        return self.toll

    def _unharmed(self) -> Path:
        sitting = asyncio.run(victim.lay_out(self.folder / "unharmed", self._marks))
        done = self._fork(lambda: victim.follow(sitting, sitting.parents[2], self._marks))
        assert self._wait(done, LONGEST_LIFE), "the script does not come to its end unharmed"
        return sitting

    def _laid_out(self) -> Path:
        """A sitting; its lay-out, too, may be killed, and then must leave nothing usable."""
        home = self.folder / f"sitting-{self.toll.sittings}"
        while True:
            home.mkdir(exist_ok=True)
            self._aim(("laying out", "before a rename", "after a rename"))
            child = self._fork(lambda: victim.lay_out(home, self._marks))
            killed = not self._wait(child, self._moment(0.15))
            if killed:
                self.toll.kills["laying out"] += 1
            found = history.sittings(make_settings(home), SystemClock())
            whole = [each for each in found if each.phase == "prepared"]
            if len(whole) != len(found) or (not killed and not whole):
                self.toll.differing.append(f"{home.name}: half a sitting is listed: {found}")
            if whole:
                return Path(whole[0].folder)

    def _live(self, sitting: Path) -> None:
        before: tuple[Event, ...] = ()
        for life in range(LIVES_AT_MOST):
            self._aim(PHASES)
            child = self._fork(lambda: victim.follow(sitting, sitting.parents[2], self._marks))
            # Longer each time, so that a slow machine comes to the end as well.
            done = self._wait(child, self._moment(USUAL_LIFE * (1 + life / 8)))
            phase, told = self._marks.phase, self._marks.told
            events = read_journal(sitting / NAME).events
            self._compare(before, events, told)
            before = events
            if done:
                return
            self.toll.kills[phase] += 1
        raise AssertionError(f"{sitting} does not come to its end")

    def _compare(self, before: tuple[Event, ...], after: tuple[Event, ...], told: int) -> None:
        self.toll.lost += sum(a != b for a, b in zip(before, after, strict=False))
        self.toll.lost += max(0, len(before) + told - len(after))
        names = [(type(each).__name__, getattr(each, "number", None)) for each in after]
        once = [
            each for each in names if each[0] in ("Started", "Submitted", "GradingEnded", "Ended")
        ]
        self.toll.doubled += len(once) - len(set(once))

    def _aim(self, phases: tuple[str, ...]) -> None:
        """At a named place for most lives, at a moment for the rest."""
        self._marks.forget()
        if self._chance.random() < 0.7:
            self._marks.aim(self._chance.choice(phases), self._chance.randint(1, 4))

    def _moment(self, longest: float) -> float:
        return self._chance.uniform(0.0, longest)

    def _fork(self, life: Callable[[], Coroutine[Any, Any, object]]) -> int:
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            victim.lay_mines(self._marks)
            asyncio.run(life())
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def _wait(self, child: int, seconds: float) -> bool:
        """Whether `child` came to its end within `seconds`; it is killed then."""
        alarm = threading.Timer(seconds, _kill, (child,))
        alarm.start()
        _, status = os.waitpid(child, 0)
        alarm.cancel()
        ended = os.waitstatus_to_exitcode(status)
        if ended not in (0, -signal.SIGKILL):
            raise AssertionError(f"a life ended with status {ended}")
        return ended == 0

    def _outcome(self, sitting: Path) -> dict[str, Any]:
        """All that a sitting came to, but for its times and names."""
        path = sitting / NAME
        state = restored(read_record(sitting), read_journal(path).events, path)
        told = report.read(sitting)
        return {
            "submissions": [
                (each.number, each.task, each.sha256, each.size, each.by_hand, each.state)
                for each in state.submissions
            ],
            "scores": [each.score for each in state.submissions],
            "best": state.scores,
            "ended": (state.phase, state.end_reason),
            "percent": (state.percent, told.percent, told.passed),
            "tasks": [(each.task, each.score, each.attempts, each.sha256) for each in told.tasks],
            "frozen": {
                each.name: hashlib.sha256(each.read_bytes()).hexdigest() == each.stem
                for each in sorted((sitting / "submissions").iterdir())
            },
        }


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def torture(runs: int, seed: int, folder: Path) -> Toll:
    """`runs` kills with that seed; what they left stays in `folder`."""
    return Killer(folder, seed).kill(runs)


def table(toll: Toll) -> str:
    """What came of it, for people."""
    width = max(map(len, PHASES))
    lines = [f"{phase:{width}}  {toll.kills[phase]:6}" for phase in PHASES]
    return "\n".join(
        [
            *lines,
            f"{'kills':{width}}  {toll.total:6}",
            "",
            f"sittings lived to their end   {toll.sittings:6}",
            f"events lost                   {toll.lost:6}",
            f"events doubled                {toll.doubled:6}",
            f"results that differ           {len(toll.differing):6}",
            *toll.differing,
        ]
    )


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--runs", type=int, default=1000, help="how many kills")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="tfexam-kills-") as folder:
        toll = torture(given.runs, given.seed, Path(folder))
    sys.stdout.write(table(toll) + "\n")
    return 0 if toll.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
