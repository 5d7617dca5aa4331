"""One sitting on disk and the proctor that has it open; it can be killed and reopened."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from engine.clock import ManualClock
from engine.settings import Settings
from engine.sitting.notices import Happened, Note, Notice, Trouble
from engine.sitting.proctor import Proctor
from engine.sitting.state.sitting import Phase, Sitting, SubmissionState
from engine.sitting.store.record import category_folder
from tests.engine.sittings import FIRST, FakeGrader, model, until

WAITING, GRADING = SubmissionState.WAITING, SubmissionState.GRADING
GRADED, SUPERSEDED = SubmissionState.GRADED, SubmissionState.SUPERSEDED


class Scene:
    """One sitting on disk, and the proctor that has it open right now."""

    def __init__(self, folder: Path, settings: Settings, clock: ManualClock) -> None:
        self.folder, self.settings, self.clock = folder, settings, clock
        self.notices: list[Notice] = []
        self.proctor: Proctor
        self.grader: FakeGrader
        self._run: asyncio.Task[None]

    def open(self, *scores: int) -> None:
        self.grader = FakeGrader(*scores)
        self.proctor = Proctor.open(
            self.folder, settings=self.settings, clock=self.clock, grader=self.grader
        )
        self.proctor.subscribe(self.notices.append)
        self._run = asyncio.create_task(self.proctor.run())

    async def started(self, *scores: int) -> None:
        self.open(*scores)
        self.proctor.start()
        await self.phase(Phase.RUNNING)

    async def phase(self, phase: Phase) -> None:
        await until(lambda: self.sitting.phase is phase, f"phase {phase}")

    async def close(self) -> None:
        """Leaves the same on disk as a kill would: closing writes nothing."""
        await self.proctor.close()
        await self._run

    @property
    def sitting(self) -> Sitting:
        return self.proctor.sitting

    def file(self, task: str = FIRST) -> Path:
        return category_folder(self.proctor.record, task) / "mymodel.h5"

    def save(self, content: str, task: str = FIRST) -> None:
        part = self.file(task).with_suffix(".part")
        part.write_bytes(model(content))
        part.replace(self.file(task))

    async def until_submitted(self, count: int) -> None:
        await self.until_after(lambda: len(self.sitting.submissions) >= count)

    async def until_graded(self, count: int) -> None:
        await self.until_after(lambda: states(self).count(GRADED) == count)

    async def until_after(self, true: Callable[[], object]) -> None:
        """Let time pass, a little at each look, until `true()`."""

        def passed() -> object:
            if not true():
                self.clock.advance(0.05)
                self.proctor.look()
            return true()

        await until(passed)

    def happened(self) -> list[str]:
        found = [each.event for each in self.notices if isinstance(each, Happened)]
        return [type(event).__name__ for event in found]

    @property
    def notes(self) -> list[str]:
        return [each.message.template for each in self.notices if isinstance(each, Note)]

    @property
    def troubles(self) -> list[Exception]:
        return [each.error for each in self.notices if isinstance(each, Trouble)]


def states(scene: Scene) -> list[SubmissionState]:
    return [each.state for each in scene.sitting.submissions]
