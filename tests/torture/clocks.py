"""What clocks do to a sitting: the time left before and after, and who gained or lost.

    python -m tests.torture.clocks

Each case moves the clocks its way under a whole sitting and compares the time left with
what it must be; none may gain or lose more than a second. The clocks are moved by hand
but for the last cases, which stop a real process and shift a real boot clock. Status 1
when a case is off.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from engine.clock import ManualClock, SystemClock
from engine.sitting.proctor import Proctor
from engine.sitting.state.sitting import Phase
from tests.engine.scene import Scene
from tests.engine.sittings import FIRST, FakeGrader, graded, make_settings, make_sitting, until

MINUTES = 60.0
OFF_AT_MOST = 1.0
_HOUR = 3600.0


class Reading(NamedTuple):
    """Seconds left before, what must be left after, what is left; and what became of it."""

    case: str
    before: float
    expected: float
    after: float
    remark: str = ""

    @property
    def is_right(self) -> bool:
        return abs(self.after - self.expected) <= OFF_AT_MOST and not self.remark.startswith("✗")


Case = Callable[[Scene], Awaitable[Reading]]
CASES: dict[str, Case] = {}


def case(name: str) -> Callable[[Case], Case]:
    def keep(function: Case) -> Case:
        CASES[name] = function
        return function

    return keep


def moved(name: str, expected: float, move: Callable[[ManualClock], None]) -> None:
    """A case that only moves the clocks of a running sitting; `expected` seconds pass."""

    async def run(scene: Scene) -> Reading:
        await scene.started()
        scene.clock.advance(60)
        before = scene.proctor.time_left()
        move(scene.clock)
        scene.proctor.look()
        return Reading("", before, before - expected, scene.proctor.time_left())

    CASES[name] = run


def _in_zone(clock: ManualClock) -> None:
    """The machine moves from UTC to a zone that leaves its summer time in these ten minutes."""
    was = os.environ.get("TZ")
    os.environ["TZ"] = "STD-1DST,J1/0,J365/0"
    time.tzset()
    clock.advance(600)
    clock.now().local()
    if was is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = was
    time.tzset()


moved("time passes", 600, lambda clock: clock.advance(600))
moved("wall clock set back two hours", 600, lambda clock: clock.move(wall=-6600, boot=600))
moved("wall clock set forward two hours", 600, lambda clock: clock.move(wall=7800, boot=600))
moved("time zone and summer time change", 600, _in_zone)
moved("machine suspended for half an hour", 1800, lambda clock: clock.advance(1800))
moved("machine restarted, ten minutes away", 600, lambda clock: clock.reboot(600))


@case("app closed for half an hour")
async def _closed(scene: Scene) -> Reading:
    await scene.started()
    before = scene.proctor.time_left()
    await scene.close()
    scene.clock.advance(1800)
    scene.open()
    return Reading("", before, before - 1800, scene.proctor.time_left())


@case("practice paused for half an hour, app closed meanwhile")
async def _paused(scene: Scene) -> Reading:
    await scene.started()
    scene.proctor.pause()
    await scene.phase(Phase.PAUSED)
    before = scene.proctor.time_left()
    await scene.close()
    scene.clock.advance(1800)
    scene.open()
    return Reading("", before, before, scene.proctor.time_left())


@case("the end comes while the app is closed")
async def _ends_closed(scene: Scene) -> Reading:
    """A model that was saved in time counts, though nobody was there to see it."""
    await scene.started()
    before = scene.proctor.time_left()
    await scene.close()
    scene.save("in time")
    _saved_at(scene, scene.clock.now().wall + before - 1)
    scene.clock.advance(before + _HOUR)
    scene.open(4)
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    await scene.until_graded(1)
    remark = "the model saved in time counts" if scene.sitting.best(FIRST) == 4 else "✗ it is lost"
    return Reading("", before, 0.0, scene.proctor.time_left(), remark)


@case("the end comes while a model is graded")
async def _ends_grading(scene: Scene) -> Reading:
    await scene.started()
    scene.save("a")
    await scene.until_submitted(1)
    await scene.until_after(lambda: scene.grader.busy)
    before = scene.proctor.time_left()
    scene.clock.advance(before + 5)
    scene.proctor.look()
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    scene.grader.answer(graded(5))
    await scene.until_graded(1)
    remark = "its grade counts" if scene.sitting.best(FIRST) == 5 else "✗ its grade is lost"
    return Reading("", before, 0.0, scene.proctor.time_left(), remark)


@case("a model comes in the last second")
async def _last_second(scene: Scene) -> Reading:
    await scene.started(5)
    scene.clock.advance(MINUTES * 60 - 0.5)
    before = scene.proctor.time_left()
    scene.save("last")
    scene.proctor.look()
    await until(lambda: _is_pending(scene))
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    await scene.until_graded(1)
    remark = "it counts" if scene.sitting.best(FIRST) == 5 else "✗ it is lost"
    return Reading("", before, 0.0, scene.proctor.time_left(), remark)


@case("a model comes a second too late")
async def _too_late(scene: Scene) -> Reading:
    # So that the moment of saving is this moment, which the file system writes down.
    scene.clock.move(wall=-(MINUTES * 60 + 1))
    await scene.started(5)
    scene.clock.advance(MINUTES * 60 + 1)
    scene.save("late")
    scene.proctor.look()
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    remark = "it does not count" if not scene.sitting.submissions else "✗ it counts"
    return Reading("", 0.0, 0.0, scene.proctor.time_left(), remark)


def _is_pending(scene: Scene) -> bool:
    assert scene.proctor._watcher is not None
    return any(each.pending for each in scene.proctor._watcher._scanner._folders)


def _saved_at(scene: Scene, wall: float) -> None:
    """Set what the file system says of the time of saving."""
    os.utime(scene.file(), (wall, wall))


# -- real processes ----------------------------------------------------------------------

_LEFT = """
import sys, time
from pathlib import Path
from engine.clock import SystemClock
from engine.sitting.store.journal import NAME, read_journal
from engine.sitting.store.journal import restored
from engine.sitting.store.record import read_record
folder = Path(sys.argv[1])
sitting = restored(read_record(folder), read_journal(folder / NAME).events, folder / NAME)
while True:
    print(sitting.time_left(SystemClock().now()), flush=True)
    if not sys.stdin.readline():
        break
"""


def _stopped(folder: Path) -> Reading:
    """A process that is stopped (SIGSTOP) for three seconds, and goes on."""
    sitting = asyncio.run(_started(folder))
    command = [sys.executable, "-c", _LEFT, str(sitting)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        before, since = float(process.stdout.readline()), time.monotonic()
        process.send_signal(signal.SIGSTOP)
        time.sleep(3)
        process.send_signal(signal.SIGCONT)
        process.stdin.write("\n")
        process.stdin.flush()
        after = float(process.stdout.readline())
        passed = time.monotonic() - since
        process.stdin.close()
    return Reading("process stopped for 3 s (real)", before, before - passed, after)


def _suspended(folder: Path) -> Reading | None:
    """A real boot clock half an hour later; None where such a clock cannot be had."""
    sitting = asyncio.run(_started(folder))
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    command = [sys.executable, "-c", _LEFT, str(sitting)]
    here = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    shifted = [unshare, "--time", "--fork", "--boottime", "1800", *command]
    there = subprocess.run(shifted, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if there.returncode:
        return None
    before = float(here.stdout)
    name = "boot clock half an hour on, as after suspend (real)"
    return Reading(name, before, before - 1800, float(there.stdout))


async def _started(folder: Path) -> Path:
    settings = make_settings(folder)
    sitting = await make_sitting(folder, SystemClock(), settings=settings, minutes=MINUTES)
    proctor = Proctor.open(sitting, settings=settings, clock=SystemClock(), grader=FakeGrader())
    running = asyncio.create_task(proctor.run())
    proctor.start()
    await until(lambda: proctor.sitting.phase is Phase.RUNNING)
    await proctor.close()
    await running
    return sitting


def read_all(folder: Path) -> list[Reading]:
    """Every case, each in a sitting of its own."""
    readings = asyncio.run(_read_moved(folder))
    readings.append(_stopped(folder / "stopped"))
    suspended = _suspended(folder / "suspended")
    return [*readings, *([suspended] if suspended else [])]


async def _read_moved(folder: Path) -> list[Reading]:
    readings = []
    for number, (name, run) in enumerate(CASES.items()):
        own = folder / str(number)
        # On the machine's own wall clock, because file attributes come from that.
        clock, settings = ManualClock(wall=time.time()), make_settings(own)
        sitting = await make_sitting(own, clock, settings=settings, minutes=MINUTES)
        scene = Scene(sitting, settings, clock)
        try:
            readings.append((await run(scene))._replace(case=name))
        finally:
            await scene.close()
    return readings


def table(readings: list[Reading]) -> str:
    """One line a case; seconds."""
    width = max(len(each.case) for each in readings)
    lines = [f"{'case':{width}}  left before  left after  must be     off"]
    for each in readings:
        figures = f"{each.before:11.1f} {each.after:11.1f} {each.expected:8.1f}"
        off = f"{each.after - each.expected:+7.2f}"
        glyph = "✓" if each.is_right else "✗"
        lines.append(f"{each.case:{width}}  {figures} {off}  {glyph} {each.remark}".rstrip())
    return "\n".join(lines)


def main() -> int:
    """The command line."""
    with tempfile.TemporaryDirectory(prefix="tfexam-clocks-") as folder:
        readings = read_all(Path(folder))
    sys.stdout.write(table(readings) + "\n")
    return int(not all(each.is_right for each in readings))


if __name__ == "__main__":
    sys.exit(main())
