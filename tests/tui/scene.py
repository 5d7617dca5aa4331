"""One sitting for the app's tests: real files, the real proctor, and a fake grader.

The clock stands still unless a test moves it: the intake does not wait (for quiet files or late
ones), and a picture always shows the same second.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import msgspec

from engine.clock import ManualClock
from engine.grading.protocol import Grade, Progress, Stage
from engine.settings import Settings
from engine.sitting.intake import scanner
from engine.sitting.notices import (
    GradingProgress,
    Happened,
    Note,
    Notice,
    StarterSaved,
    Tick,
    Trouble,
)
from engine.sitting.proctor import Proctor
from engine.sitting.state import events
from engine.sitting.state.sitting import Phase, Sitting, SittingRecord, SubmissionState
from engine.sitting.store import record as record_module
from engine.sitting.store.journal import Journal
from engine.sitting.store.layout import write_texts
from engine.sitting.store.record import RECORD, category_folder, task_folder
from exam_bank.task import Task
from tests.engine.sittings import FakeGrader, model, until

ADA = Path("/home/ada")


@contextmanager
def home_of_ada(folder: Path) -> Iterator[None]:
    """Make Ada's home, where the workspaces are shown to be, point to `folder`."""

    def at(path: str) -> Path:
        return folder / Path(path).relative_to(ADA)

    with mock.patch.object(record_module, "Path", at):
        yield


@contextmanager
def no_file_must_be_quiet() -> Iterator[None]:
    """Let the intake submit a file at its first look."""
    with (
        mock.patch.object(scanner, "QUIET", dict.fromkeys(scanner.QUIET, 0.0)),
        mock.patch.object(scanner, "QUIET_CLOSED", 0.0),
    ):
        yield


def lay_out(folder: Path, record: SittingRecord, tasks: Mapping[str, Task]) -> None:
    """Write a prepared sitting and its workspace; data and hidden sets are empty."""
    for name in ("submissions", "hidden", "logs"):
        (folder / name).mkdir(parents=True)
    for each in record.paper.tasks:
        task = tasks[each.task]
        kept = task_folder(folder, task.id)
        kept.mkdir(parents=True)
        for path in (each for each in task.folder.iterdir() if each.is_file()):
            shutil.copyfile(path, kept / path.name)
        place = category_folder(record, task.id)
        place.mkdir(parents=True)
        write_texts(task, place, "en")
    (folder / RECORD).write_bytes(msgspec.toml.encode(record))


class Scene:
    """Plays what happens in one sitting; the app may open its proctor more than once."""

    def __init__(self, folder: Path, record: SittingRecord, clock: ManualClock) -> None:
        self.folder, self.record, self.clock = folder, record, clock
        self.notices: list[Notice] = []
        self.grader = FakeGrader()
        self.proctor: Proctor

    def begin(self, turned: str = "") -> None:
        """Start the clock and turn to a task before the app is opened."""
        now = self.clock.now()
        with Journal.open(self.folder, self.clock) as journal:
            journal.append(events.Started(at=now))
            if turned:
                journal.append(events.Turned(at=now, task=turned))

    def open(self, settings: Settings) -> Proctor:
        """Open the sitting again, with a new grader."""
        self.grader = FakeGrader()
        self.proctor = Proctor.open(
            self.folder, settings=settings, clock=self.clock, grader=self.grader
        )
        self.proctor.subscribe(self.notices.append)
        return self.proctor

    # -- what is so -------------------------------------------------------------------

    @property
    def sitting(self) -> Sitting:
        return self.proctor.sitting

    def happened(self) -> list[str]:
        """The names of the events since opening, without those that only time causes."""
        found = [each.event for each in self.notices if isinstance(each, Happened)]
        names = [type(event).__name__ for event in found]
        return [each for each in names if each not in ("Turned", "Warned")]

    def workspace(self, task: str) -> Path:
        return category_folder(self.record, task)

    def model_file(self, task: str) -> Path:
        return self.workspace(task) / "mymodel.h5"

    # -- what a candidate does ----------------------------------------------------------

    def save(self, task: str, content: bytes) -> None:
        """Save a model as a program does that replaces the file atomically."""
        part = self.workspace(task) / "saving.part"
        part.write_bytes(content)
        part.replace(self.model_file(task))

    async def take(self, task: str, grade: Grade | None = None, *, by_hand: bool = False) -> int:
        """Submit a model, and grade it if `grade` is given; returns its number.

        If submitting is by hand, submits the model in the folder, if there is one.
        """
        number = len(self.sitting.submissions) + 1
        if grade is not None:
            self.grader.scores.append(grade)
        with no_file_must_be_quiet():
            if not (by_hand and self.model_file(task).exists()):
                self.save(task, model(f"{task} {number}"))
            if by_hand:
                self.proctor.submit(task)
            await self._look_until(lambda: len(self.sitting.submissions) == number)
        if grade is not None:
            await self.graded(number)
        return number

    async def leave_late(self, *tasks: str, content: bytes = model("late")) -> None:
        """Leave models in the folders for some seconds without their being submitted."""
        late = scanner.LATE
        with mock.patch.object(scanner, "LATE", 0.0):  # told now, so that they came now
            for task in tasks:
                self.save(task, content)
            await self._look_until(lambda: self.proctor.unsubmitted >= set(tasks))
            self.clock.advance(late)

    async def edit(self, task: str, code: str) -> None:
        """Save the starter of a task."""
        told = StarterSaved(task)
        before = self.notices.count(told)
        (self.workspace(task) / "starter.py").write_text(code)
        await self._look_until(lambda: self.notices.count(told) > before)

    async def stray(self, task: str, name: str) -> None:
        """Save a model under another name."""
        heard = self._count(Note)
        (self.workspace(task) / name).write_bytes(model(name))
        await self._look_until(lambda: self._count(Note) > heard)

    async def looked_until(self, condition: Callable[[], object]) -> None:
        """Look at the folders, and let time pass, until `condition` holds."""
        await self._look_until(condition)

    async def lose(self, task: str) -> None:
        """Remove the folder of a task."""
        heard = self._count(Trouble)
        shutil.rmtree(self.workspace(task))
        await self._look_until(lambda: self._count(Trouble) > heard)

    async def turn_to(self, task: str) -> None:
        self.proctor.turn_to(task)
        await until(lambda: self.sitting.task == task)

    async def end(self) -> None:
        self.proctor.end()
        await self.phase(Phase.ENDED)

    # -- what else happens ----------------------------------------------------------------

    async def tick(self, seconds: float = 1.0) -> None:
        """Let time pass, and have the proctor say how much is left."""
        self.clock.advance(seconds)
        left, heard = self.proctor.time_left(), len(self.notices)
        self.proctor.look()
        await until(lambda: Tick(left) in self.notices[heard:], f"{left} seconds left")

    async def grading(self, stage: Stage = Stage.PREDICTING, done: float = 0.5) -> None:
        """Report how far the grader is with its submission."""
        await until(lambda: self.grader.busy, "a grading")
        progress = Progress(stage, done)
        self.grader.moved(progress)
        await until(lambda: self._last_progress() == progress, "progress")

    async def answer(self, grade: Grade) -> None:
        """Let the grader answer for its submission."""
        number = next(
            each.number
            for each in self.sitting.submissions
            if each.state is SubmissionState.GRADING
        )
        await until(lambda: self.grader.busy, "a grading")
        self.grader.answer(grade)
        await self.graded(number)

    def tell(self, notice: Notice) -> None:
        """Send a notice that nothing here can cause."""
        self.proctor._subscribers.tell(notice)

    # -- what one waits for ---------------------------------------------------------------

    async def phase(self, phase: Phase) -> None:
        await until(lambda: self.sitting.phase is phase, f"phase {phase}")

    async def submitted(self, count: int) -> None:
        await until(lambda: len(self.sitting.submissions) == count, f"{count} submissions")

    async def graded(self, number: int) -> None:
        known = (SubmissionState.GRADED, SubmissionState.RECEIVED)
        await until(
            lambda: self.sitting.submission(number).state in known,
            f"the grade of {number}",
        )

    async def hears(self, kind: type[Notice]) -> None:
        """Wait until a notice of that kind has come."""
        await until(lambda: self._count(kind), str(kind))

    def _count(self, kind: type[Notice]) -> int:
        return sum(isinstance(each, kind) for each in self.notices)

    async def _look_until(self, true: Callable[[], object]) -> None:
        self.proctor.look()
        await until(true)

    def _last_progress(self) -> Progress | None:
        told = [each for each in self.notices if isinstance(each, GradingProgress)]
        return told[-1].progress if told else None
