"""Verifies a sitting: its files, its hidden sets made again, its winners graded again.

What that shows is that these models get these scores on these hidden sets. It cannot show who
trained them, nor on what, and whoever forges a whole history can forge its chain too.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from engine.clock import Clock
from engine.errors import DataError, LevelError
from engine.grading.protocol import Grade
from engine.pack_trust import trusted
from engine.settings import Settings
from engine.sitting.grading_queue import GraderLike, GradingQueue, grader_of
from engine.sitting.state.sitting import Sitting, Submission
from engine.sitting.store.history import past
from engine.sitting.store.layout import Prepare
from engine.sitting.store.paper_choice import store_for
from engine.sitting.store.record import hidden_folder
from engine.verification import findings
from engine.verification.bundle import copy_of, need_ended, unpack, winners_of
from engine.verification.findings import Finding
from exam_bank import preparation
from exam_bank.catalog import Catalog
from exam_bank.phrase import phrase
from exam_bank.preparation import Order
from exam_bank.task import Task

# What is done, how much of it, and of how much.
OnStep = Callable[[str, int, int], None]


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found about the sitting with that id; `percent` is what it claims."""

    sitting: str
    percent: float
    findings: tuple[Finding, ...]

    @property
    def verified(self) -> bool:
        """Whether nothing differs and every winner was graded again with its score."""
        graded = any(each.topic == "grades" and each.ok for each in self.findings)
        return graded and all(each.ok is not False for each in self.findings)


@contextmanager
def opened(source: Path) -> Iterator[Path]:
    """A private copy of the sitting that `source` (a bundle, or a sitting's folder) holds.

    Raises `SittingError` for a bundle that cannot be read or a sitting that has not ended.
    """
    with tempfile.TemporaryDirectory(prefix="tfexam-verify-") as made:
        folder = Path(made)
        if source.is_dir():
            sitting = past(source)
            need_ended(sitting)
            copy_of(source, folder, set(winners_of(sitting).values()))
        else:
            unpack(source, folder)
        yield folder


async def verify(
    source: Path,
    settings: Settings,
    catalog: Catalog,
    clock: Clock,
    *,
    grader: GraderLike | None = None,
    prepare: Prepare = preparation.prepare,
    on_step: OnStep = lambda *_: None,
) -> Verification:
    """Check the sitting that `source`, a bundle or a sitting's folder, holds.

    Changes nothing. Raises `SittingError` for a file that is no bundle and a sitting that has
    not ended, `BankError` when data sets are missing or a pack is not trusted.
    """
    with opened(source) as folder:
        sitting, found = findings.read(folder)
        if sitting is None:
            return Verification(sitting="", percent=0.0, findings=tuple(found))
        found += [findings.models(folder, sitting), findings.result(folder, sitting)]
        found.append(findings.paper(sitting.record, catalog))
        # Only what can be graded is: hidden sets of another paper or bank tell nothing.
        topics = {each.topic for each in found if each.ok is False}
        if not topics & {"paper", "models", "end"}:
            grading = _Regrading(
                folder, sitting, settings, catalog, clock, grader, prepare, on_step
            )
            found += await grading.run()
        return Verification(
            sitting=sitting.record.id, percent=round(sitting.percent, 2), findings=tuple(found)
        )


class _Regrading:
    """Makes the hidden sets of one sitting again, and grades its winners on them."""

    def __init__(
        self,
        folder: Path,
        sitting: Sitting,
        settings: Settings,
        catalog: Catalog,
        clock: Clock,
        grader: GraderLike | None,
        prepare: Prepare,
        on_step: OnStep,
    ) -> None:
        self._folder, self._sitting, self._settings = folder, sitting, settings
        self._catalog, self._clock, self._grader = catalog, clock, grader
        self._prepare, self._on_step = prepare, on_step

    async def run(self) -> list[Finding]:
        """The findings about hidden sets and grades."""
        winners = [
            best
            for each in self._sitting.record.paper.tasks
            if (best := self._sitting.winner(each.task)) is not None and best.score
        ]
        if not winners:
            says = phrase("no task has points: there is nothing to grade again")
            return [Finding(topic="grades", ok=True, says=says)]
        drawn = [self._catalog.task(each.task) for each in winners]
        tasks = {each.id: each for each in trusted(drawn, self._settings)}
        try:
            for each in drawn:
                each.need_level(self._sitting.record.paper.level)
        except LevelError as error:
            return [Finding(topic="grades", ok=False, says=error.message)]
        try:
            await self._make_hidden_sets(tasks)
        except DataError as error:
            return [Finding(topic="hidden sets", ok=None, says=error.message)]
        made = phrase("{n} made again", n=len(tasks))
        grades = await self._grade(winners, tasks)
        return [Finding(topic="hidden sets", ok=True, says=made), *grades]

    async def _make_hidden_sets(self, tasks: dict[str, Task]) -> None:
        store = store_for(self._settings, self._catalog, None)
        sources = {each.says.source for each in tasks.values()}
        data = await asyncio.to_thread(store.of_sources, sources)
        seeds = {each.task: each.seed for each in self._sitting.record.paper.tasks}
        orders = [
            Order(
                task=name,
                folder=str(task.folder),
                seed=seeds[name],
                hidden=str(hidden_folder(self._folder, name)),
                dataset=data[task.says.source],
                part=self._sitting.record.part,
            )
            for name, task in tasks.items()
        ]
        (self._folder / "hidden").mkdir(mode=0o700, exist_ok=True)
        await self._prepare(
            orders, lambda step: self._on_step("hidden sets", step.done, step.total)
        )

    async def _grade(self, winners: list[Submission], tasks: dict[str, Task]) -> list[Finding]:
        grader = self._grader or grader_of(self._folder, self._settings)
        answer = asyncio.Event()
        queue = GradingQueue(
            self._folder,
            self._sitting.record,
            tasks,
            grader,
            clock=self._clock,
            device=self._settings.grader_device,
            on_progress=lambda _: None,
            on_answer=answer.set,
        )
        differs: list[Finding] = []
        try:
            for number, each in enumerate(winners, start=1):
                now = await self._again(queue, answer, each)
                assert each.grade is not None
                if (found := findings.regraded(each.task, each.grade, now)) is not None:
                    differs.append(found)
                self._on_step("grades", number, len(winners))
        finally:
            await queue.close()
        says = phrase("each winner got the same score again ({n})", n=len(winners))
        return differs or [Finding(topic="grades", ok=True, says=says)]

    async def _again(
        self, queue: GradingQueue, answer: asyncio.Event, submission: Submission
    ) -> Grade:
        answer.clear()
        queue.begin(submission, self._sitting.attempt(submission.number))
        while (ended := queue.answered()) is None:
            await answer.wait()
            answer.clear()
        queue.clear()
        return ended.grade
