"""A whole five-hour exam in the app in half a minute: its clock runs 600 times faster.

The last minutes run slower: otherwise a tenth of a second on a busy machine would be a minute,
in which the app could not say anything.
"""

import asyncio
import gc
from pathlib import Path
from statistics import median

import psutil
import pytest
from textual.pilot import Pilot

from engine.sitting.proctor import Proctor
from engine.sitting.state import events
from engine.sitting.store.journal import NAME, read_journal
from engine.sitting.store.record import category_folder
from tests.engine.sittings import FIRST, SECOND, FakeGrader, make_settings, make_sitting, model
from tests.torture.soak import FastClock
from tests.tui.fakes import FakeServices
from tui.app import ExamApp
from tui.screens.exam import ExamScreen
from tui.start import Resume
from tui.widgets.exam.exam_clock import ExamClock

RATE = 600
LAST_SECONDS, LAST_RATE = 150, 30
HOURS = 5
LOOK_SECONDS = 0.02
MARKS = [60, 30, 10, 5, 1]
GROWTH_AT_MOST = 5_000_000


class SlowAtTheEnd(FastClock):
    """A clock that is fast until the last minutes."""

    @property
    def passed(self) -> float:
        """Seconds since this clock was made, by itself."""
        fast = HOURS * 3600 - LAST_SECONDS
        passed = super().passed
        return min(passed, fast) + max(0.0, passed - fast) * LAST_RATE / RATE


class OpenSitting(FakeServices):
    """The fake machine and bank, with a sitting on a running clock."""

    opened: Proctor

    def open(self, folder: Path) -> Proctor:
        return self.opened


class Room:
    """What the screen shows while the hours go by."""

    def __init__(self, app: ExamApp, proctor: Proctor, clock: FastClock) -> None:
        self.app, self.proctor, self.clock = app, proctor, clock
        self.off: list[float] = []
        self.memory: list[int] = []

    async def sit(self, pilot: Pilot[None]) -> None:
        """Save a model now and then, and read the clock on the screen all the time."""
        number = 0
        while isinstance(self.app.screen, ExamScreen):
            self.proctor.look()
            await asyncio.sleep(LOOK_SECONDS)
            if self.clock.passed > (number + 1) * 900:
                number += 1
                self.save(number)
                await pilot.pause()
                self.read()

    def save(self, number: int) -> None:
        folder = category_folder(self.proctor.record, FIRST if number % 2 else SECOND)
        part = folder / "saving.part"
        part.write_bytes(model(f"number {number}"))
        part.replace(folder / "mymodel.h5")

    def read(self) -> None:
        if isinstance(self.app.screen, ExamScreen):
            hours, minutes, seconds = self.shown().split(":")
            left = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
            self.off.append(left - self.proctor.time_left())
            gc.collect()
            self.memory.append(psutil.Process().memory_info().rss)

    def shown(self) -> str:
        return str(self.app.screen.query_one(ExamClock).query_one(".line").render())


@pytest.mark.slow
async def test_five_hours_at_600_times_the_speed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    rung: list[object] = []
    notify = ExamApp.notify

    def noting(app: ExamApp, message: str, **options: object) -> None:
        if options.get("title") == "Time":
            told.append(message)
        notify(app, message, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(ExamApp, "notify", noting)
    monkeypatch.setattr(ExamApp, "bell", lambda app: rung.append(app))
    clock, settings = SlowAtTheEnd(RATE), make_settings(tmp_path)
    folder = await make_sitting(tmp_path, clock, settings=settings, minutes=HOURS * 60, kind="exam")
    services = OpenSitting(clock, tmp_path / "fakes")  # type: ignore[arg-type]
    grader = FakeGrader(*([3] * 100))
    services.opened = Proctor.open(folder, settings=settings, clock=clock, grader=grader)
    app = ExamApp(settings, clock, Resume(folder), services=services)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        async with asyncio.timeout(30):
            await pilot.press("s")
            while not isinstance(app.screen, ExamScreen):
                await pilot.pause(LOOK_SECONDS)
        room = Room(app, services.opened, clock)
        async with asyncio.timeout(300):
            await room.sit(pilot)

    assert told == [f"{n} minute{'s' if n > 1 else ''} left." for n in MARKS]
    assert len(rung) == len(MARKS)
    happened = read_journal(folder / NAME).events
    started, ended = happened[0], next(each for each in happened if isinstance(each, events.Ended))
    assert ended.reason == "time"
    late = ended.at.since(started.at) - HOURS * 3600
    # Half a second of the real machine is five minutes here.
    assert 0 <= late <= 300
    hour = len(room.off) // HOURS
    # A second of the real machine is ten minutes here; a clock that counts its ticks would be
    # behind by hours.
    assert median(room.off[-hour:]) - median(room.off[:hour]) <= 600
    assert len(room.memory) >= 15
    assert max(room.memory[-3:]) - max(room.memory[:4]) <= GROWTH_AT_MOST
