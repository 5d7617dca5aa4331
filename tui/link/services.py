"""What the screens need from the engine, in one place that tests can replace.

Each method imports its part of the engine when first called, so that the first paint waits
for none of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tui.start import NewExam, NewPractice

if TYPE_CHECKING:
    from engine.clock import Clock
    from engine.coaching.explanation import OnExplained
    from engine.coaching.review import TaskReview
    from engine.coaching.standing import Standing
    from engine.machine.checks import Check
    from engine.machine.gpu import GpuProbe
    from engine.machine.usage import UsageSample
    from engine.settings import Settings
    from engine.sitting.proctor import Proctor
    from engine.sitting.state.sitting import Mode, Sitting, SittingRecord
    from engine.sitting.store.history import Summary
    from engine.sitting.views.folder_sample import FolderSample
    from exam_bank.catalog import Catalog
    from exam_bank.paper import Paper
    from exam_bank.preparation import Step
    from exam_bank.task import Level, Task
    from tui.link.dataset_service import DatasetService


class UsageLike(Protocol):
    """A way to read the machine's CPU, memory and trainings."""

    def sample(self) -> UsageSample:
        """One reading."""
        ...


class FolderLike(Protocol):
    """A way to look into a category folder."""

    def sample(self) -> FolderSample:
        """One look."""
        ...


class Services:
    """All that the screens and the bridge ask of the engine; tests replace parts of it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._catalog: Catalog | None = None

    def use(self, settings: Settings) -> None:
        """Use other settings from now on; the bank may change too."""
        self._settings, self._catalog = settings, None

    def catalog(self) -> Catalog:
        """The task bank, read once."""
        if self._catalog is None:
            from exam_bank.catalog import Catalog

            self._catalog = Catalog.find(self._settings.packs)
        return self._catalog

    async def absent(self) -> frozenset[str]:
        """The ids of the tasks whose data sets are not here; hashes new files to find out."""
        from engine.threads import in_daemon_thread
        from exam_bank.task_choice import absent

        catalog = self.catalog()
        store = self._settings.data_store(catalog.registry)
        holdings = await in_daemon_thread(store.look)
        return frozenset(task.id for task in absent(catalog, holdings))

    def candidates(self, level: Level) -> list[Task]:
        """The tasks that a new paper on `level` can have, if their data are here."""
        from exam_bank.task_choice import candidates

        return candidates(self.catalog(), level)

    async def standing(self) -> Standing:
        """Where the candidate stands by all sittings; reads every journal, in a thread."""
        from engine.coaching.standing import standing
        from engine.threads import in_daemon_thread
        from exam_bank.task_choice import absent

        catalog, folder, clock = self.catalog(), self._settings.sittings_folder, self._clock
        store = self._settings.data_store(catalog.registry)

        def look() -> Standing:
            return standing(folder, catalog.tasks, clock, absent(catalog, store.look()))

        return await in_daemon_thread(look)

    async def bring_data_back(self, folder: Path, record: SittingRecord, task: str) -> None:
        """Make the data of `task` again for the sitting in `folder`; raises `TfexamError`."""
        from engine.sitting.data_again import bring_data_back

        settings, catalog = self._settings, self.catalog()
        await bring_data_back(folder, record, task, settings=settings, catalog=catalog)

    def data(self) -> DatasetService:
        """The public data sets."""
        from tui.link.dataset_service import DatasetService

        return DatasetService(self._settings, self.catalog())

    async def paper(self, code: str, folder: Path | None) -> Paper:
        """The paper that `code` names; raises `BankError` if it cannot be sat here."""
        from engine.sitting.store.paper_choice import paper_named
        from engine.threads import in_daemon_thread

        settings, catalog = self._settings, self.catalog()
        return await in_daemon_thread(lambda: paper_named(settings, catalog, code, folder))

    def sittings(self) -> list[Summary]:
        """Every sitting, newest first."""
        if not self._settings.has_sittings:
            return []
        from engine.sitting.store.history import sittings

        return sittings(self._settings, self._clock)

    def past(self, folder: Path) -> Sitting:
        """The sitting kept in `folder`; raises `SittingError` if it cannot be read."""
        from engine.sitting.store.history import past

        return past(folder)

    def review(self, folder: Path) -> tuple[TaskReview, ...]:
        """The tasks of the sitting in `folder` that may be reviewed; raises `SittingError`."""
        from engine.coaching.review import reviews

        bank = {each.id: each for each in self.catalog().tasks}
        return reviews(folder, self._settings.sittings_folder, bank, self._settings.language)

    async def discard(self, folder: Path) -> None:
        """Remove the sitting in `folder`, which was prepared and never started."""
        from engine.sitting.store.leftovers import discard
        from engine.threads import in_daemon_thread

        await in_daemon_thread(lambda: discard(folder, self._clock))

    def checks(self) -> AsyncIterator[Check]:
        """The environment checks, one by one."""
        from engine.machine.checks import run_checks

        return run_checks(self._settings)

    async def lay_out(self, order: NewExam | NewPractice, on_step: Callable[[Step], None]) -> Path:
        """Prepare a sitting; draw the paper if none is given."""
        from engine.sitting.store.layout import lay_out
        from engine.sitting.store.paper_choice import fresh_paper
        from engine.threads import in_daemon_thread
        from exam_bank.paper import for_practice

        settings, catalog = self._settings, self.catalog()
        if isinstance(order, NewExam):
            paper = order.paper
            if paper is None:
                # In a thread: files of data sets may have to be hashed first.
                clock, folder, level = self._clock, order.dir, level_of(order, settings)
                paper = await in_daemon_thread(
                    lambda: fresh_paper(settings, clock, catalog, folder, level=level)
                )
            minutes = order.minutes or settings.minutes
        else:
            tasks = [catalog.task(name) for name in order.tasks]
            paper = for_practice(tasks, level=level_of(order, settings))
            minutes = order.minutes or settings.practice_minutes
        return await lay_out(
            settings,
            self._clock,
            paper=paper,
            catalog=catalog,
            kind="exam" if isinstance(order, NewExam) else "practice",
            mode=mode_of(order, settings),
            minutes=minutes,
            workspace=order.dir,
            submitting=order.submitting,
            extra_time=extra_time_of(order, settings),
            class_paper=order.class_paper if isinstance(order, NewExam) else None,
            on_step=on_step,
        )

    def open(self, folder: Path) -> Proctor:
        """Open the sitting kept in `folder`; raises `SittingError` if it cannot be opened."""
        from engine.coaching.model_diagnoser import diagnoser_of
        from engine.sitting.proctor import Proctor

        return Proctor.open(
            folder, settings=self._settings, clock=self._clock, diagnoser_of=diagnoser_of
        )

    async def unexplained(self) -> list[Path]:
        """The newest ended sittings whose grades are not all explained yet."""
        from engine.coaching.explanation import newest_missing
        from engine.threads import in_daemon_thread

        settings = self._settings
        return await in_daemon_thread(lambda: list(newest_missing(settings)))

    async def explain(self, folder: Path, on_progress: OnExplained) -> None:
        """Explain the grades of the ended sitting in `folder`; raises `SittingError`."""
        from engine.coaching.explanation import explain

        await explain(folder, self._settings, on_progress=on_progress)

    def gpu_probe(self) -> GpuProbe:
        """A probe that reads the GPUs."""
        from engine.machine.gpu import find_probe

        return find_probe()

    def usage_probe(self, workspace: Path) -> UsageLike:
        """A probe that reads CPU, memory and the trainings in `workspace`."""
        from engine.machine.usage import UsageProbe

        return UsageProbe(workspace)

    def folder_probe(self, folder: Path) -> FolderLike:
        """A probe that looks into a category folder."""
        from engine.sitting.views.folder_sample import FolderProbe

        return FolderProbe(folder)


def level_of(order: NewExam | NewPractice, settings: Settings) -> Level:
    """The level of the given paper, else the given level, or that of the settings."""
    if isinstance(order, NewExam) and order.paper is not None:
        return order.paper.level
    return order.level or settings.level


def extra_time_of(order: NewExam | NewPractice, settings: Settings) -> float:
    """How many times its usual length an exam may take; practice has no extra time."""
    if isinstance(order, NewPractice):
        return 1.0
    return order.extra_time or settings.time_factor


def mode_of(order: NewExam | NewPractice, settings: Settings) -> Mode:
    """The given mode, or that of the settings; practice is in coach mode unless told otherwise."""
    if isinstance(order, NewPractice):
        return order.mode or "coach"
    return order.mode or settings.mode
