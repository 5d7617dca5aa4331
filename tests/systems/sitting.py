"""A whole sitting in a process like one on Windows or macOS; prints the result as JSON.

Run as `python -m tests.systems.sitting SYSTEM FOLDER HOW`; HOW is `imitated` or `tensorflow`.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.systems import child, likeness, marking

if __name__ == "__main__":
    likeness.put_on(sys.argv[1], Path(sys.argv[2]))

# Imported only now, so that they find that system.
from click.testing import CliRunner

from engine.clock import ManualClock
from engine.errors import SittingLockedError
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.protocol import verdict_of
from engine.settings import Settings
from engine.sitting.notices import Notice, Trouble
from engine.sitting.proctor import Proctor
from engine.sitting.state.sitting import Phase, Sitting
from engine.sitting.store.journal import NAME, read_journal
from engine.sitting.store.layout import lay_out
from engine.sitting.store.record import category_folder
from exam_bank.catalog import Catalog
from exam_bank.paper import for_practice
from exam_bank.platform import terminal
from tests.e2e.quick_models import Wanted, quick_models
from tests.engine.sittings import fake_prepare, make_bank, make_settings, model
from tui.cli import main as tfexam

SECONDS = 300.0
ONE_TASK = "straight-line"


class Room:
    """A sitting's folder, and the proctor that has it open."""

    def __init__(self, folder: Path, settings: Settings, how: str) -> None:
        self.folder, self.settings, self._how = folder, settings, how
        self.clock = ManualClock()
        self.troubles: list[str] = []
        self.proctor: Proctor
        self._run: asyncio.Task[None]

    def open(self) -> None:
        self.grader = Grader(
            logs=self.folder / "logs",
            command=child.command(sys.argv[1], self._how),
            marking=MarkingProcess(command=marking.command(sys.argv[1])),
        )
        self.proctor = Proctor.open(
            self.folder, settings=self.settings, clock=self.clock, grader=self.grader
        )
        self.proctor.subscribe(self._hear)
        self._run = asyncio.create_task(self.proctor.run())

    def _hear(self, notice: Notice) -> None:
        if isinstance(notice, Trouble):
            self.troubles.append(str(notice.error))

    @property
    def sitting(self) -> Sitting:
        return self.proctor.sitting

    def file(self, task: str) -> Path:
        return category_folder(self.proctor.record, task) / "mymodel.h5"

    def states(self) -> list[str]:
        return [each.state.value for each in self.sitting.submissions]

    async def until(self, true: Callable[[], object]) -> None:
        """Let time pass until `true()`, while the watcher looks by itself."""
        async with asyncio.timeout(SECONDS):
            while not true():
                self.clock.advance(0.05)
                await asyncio.sleep(0.01)

    async def graded(self, task: str, content: bytes) -> None:
        count = len(self.sitting.submissions)
        self.file(task).write_bytes(content)
        await self.until(lambda: self.states()[count:] == ["graded"])

    async def close(self) -> None:
        await self.proctor.close()
        await self._run


async def lay_out_room(home: Path, how: str) -> tuple[Room, list[str]]:
    settings = make_settings(home, poll_seconds=0.05)
    if how == "tensorflow":
        catalog = Catalog.find()
        tasks = [catalog.task(ONE_TASK)]
        prepare: dict[str, Any] = {}
    else:
        catalog = make_bank(home / "bank")
        tasks = list(catalog.tasks)
        prepare = {"prepare": fake_prepare}
    folder = await lay_out(
        settings,
        ManualClock(),
        paper=for_practice(tasks, number=7),
        catalog=catalog,
        kind="practice",
        mode="coach",
        minutes=60.0,
        **prepare,
    )
    return Room(folder, settings, how), [each.id for each in tasks]


def models_for(room: Room, tasks: list[str], how: str) -> list[bytes]:
    if how != "tensorflow":
        return [model("mae=0.5;"), model("mae=2.5;")]
    place = room.folder.parent / "models"
    place.mkdir()
    task = room.proctor.tasks[tasks[0]]
    return quick_models(room.folder, [Wanted(task), Wanted(task, 0.01)], place)


def locked(room: Room) -> bool:
    try:
        Proctor.open(room.folder, settings=room.settings, clock=room.clock)
    except SittingLockedError:
        return True
    return False


async def cancelled(room: Room, task: str) -> str:
    """The verdict on a model that runs for ever, after its grading was cancelled."""
    count = len(room.sitting.submissions)
    room.file(task).write_bytes(model("hangs"))
    await room.until(lambda: room.states()[count:] == ["grading"])
    await asyncio.sleep(0.5)
    room.proctor.cancel()
    await room.until(lambda: room.states()[count:] == ["graded"])
    grade = room.sitting.submissions[-1].grade
    assert grade is not None
    return verdict_of(grade)


async def left_by_signal() -> bool:
    heard = asyncio.Event()
    stop = terminal.when_told_to_leave(heard.set)
    os.kill(os.getpid(), signal.SIGTERM if sys.argv[1] == "darwin" else likeness.SIGBREAK)
    async with asyncio.timeout(SECONDS):
        await heard.wait()
    stop()
    return heard.is_set()


async def sit(home: Path, how: str) -> dict[str, Any]:
    room, tasks = await lay_out_room(home, how)
    room.open()
    room.proctor.start()
    await room.until(lambda: room.sitting.phase is Phase.RUNNING)
    found: dict[str, Any] = {"locked": locked(room), "forks": ForkServer.possible("cpu")}
    good, middling = models_for(room, tasks, how)
    await room.graded(tasks[0], good)
    found["first"] = room.sitting.best(tasks[0])
    await room.graded(tasks[0], middling)
    found["second"] = room.sitting.latest(tasks[0])
    if how != "tensorflow":
        await room.graded(tasks[1], good)  # replaces the read-only copy that is there
        found["cancelled"] = await cancelled(room, tasks[1])
    room.proctor.put_back(1)
    await room.until(lambda: room.file(tasks[0]).read_bytes() == good)
    found["best"] = {task: room.sitting.best(task) for task in tasks}
    room.clock.advance(3600)
    await room.until(lambda: room.sitting.phase is Phase.ENDED)
    await room.until((room.folder / "result.toml").exists)
    ended, was = room.sitting.end_reason, room.sitting
    await room.close()
    journal = room.folder / NAME
    found["ended"] = str(ended)
    found["carriage returns"] = journal.read_bytes().count(b"\r")
    found["events"] = len(read_journal(journal).events)
    room.open()
    found["same again"] = room.sitting == was
    await room.close()
    found["troubles"] = room.troubles
    found["left by signal"] = await left_by_signal()
    return found


def doctor() -> dict[str, Any]:
    done = CliRunner().invoke(tfexam, ["doctor", "--format", "json"], catch_exceptions=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["name"]: row for row in rows}


def main() -> None:
    system, home, how = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    os.environ.update(TFEXAM_HOME=str(home / "home"), TFEXAM_LANG="en")
    found = likeness.run(system, lambda: sit(home, how))
    found["sandbox"] = doctor()["Sandbox"]
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
