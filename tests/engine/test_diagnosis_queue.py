"""When models are diagnosed in a sitting: after the score, never in its way, never in faithful."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.grading.diagnosis import Diagnoses, Diagnosis
from engine.grading.protocol import Graded, Job
from engine.sitting.notices import Happened, ModelDiagnosed
from engine.sitting.proctor import Proctor
from engine.sitting.state.events import GradingEnded
from engine.sitting.state.sitting import Mode
from engine.sitting.store.diagnoses import diagnoses_of, diagnosis_file
from tests.engine.scene import Scene
from tests.engine.sittings import FIRST, FakeGrader, make_settings, make_sitting, until


class FakeDiagnoser:
    """Diagnoses when told to; remembers what it was asked and how many scores were told before."""

    def __init__(self, scene: "DiagnosedScene") -> None:
        self._scene = scene
        self.asked: list[str] = []
        self.scores_told: list[int] = []
        self.fault: Exception | None = None
        self._answer: asyncio.Future[bool] | None = None
        self.closed = False

    async def diagnose(
        self, job: Job, grade: Graded, sha256: str, folder: Path
    ) -> Diagnoses | None:
        self.asked.append(job.task)
        self.scores_told.append(self._scene.happened().count("GradingEnded"))
        assert folder.name.startswith("Category")
        if self.fault is not None:
            raise self.fault
        self._answer = asyncio.get_running_loop().create_future()
        if not await self._answer:
            return None
        found = (Diagnosis(id="logits", would_score=4),)
        return Diagnoses(task=job.task, sha256=sha256, score=grade.score, found=found)

    @property
    def is_busy(self) -> bool:
        return self._answer is not None and not self._answer.done()

    def finish(self) -> None:
        assert self._answer is not None
        self._answer.set_result(True)

    def cancel(self) -> None:
        if self.is_busy:
            assert self._answer is not None
            self._answer.set_result(False)

    async def close(self) -> None:
        self.closed = True


class DiagnosedScene(Scene):
    """A sitting whose models are diagnosed."""

    diagnoser: FakeDiagnoser

    def open(self, *scores: int) -> None:
        self.grader = FakeGrader(*scores)
        self.diagnoser = FakeDiagnoser(self)
        self.proctor = Proctor.open(
            self.folder,
            settings=self.settings,
            clock=self.clock,
            grader=self.grader,
            diagnoser_of=lambda _: self.diagnoser,
        )
        self.proctor.subscribe(self.notices.append)
        self._run = asyncio.create_task(self.proctor.run())

    async def graded_once(self, content: str = "a") -> None:
        self.save(content)
        await self.until_graded(1)

    def kept(self, number: int) -> Diagnoses | None:
        each = self.sitting.submission(number)
        return diagnoses_of(self.folder, each.sha256, each.task)

    @property
    def diagnosed(self) -> list[int]:
        return [each.number for each in self.notices if isinstance(each, ModelDiagnosed)]


async def _scene(tmp_path: Path, mode: Mode) -> DiagnosedScene:
    clock, settings = ManualClock(), make_settings(tmp_path)
    folder = await make_sitting(tmp_path, clock, settings=settings, mode=mode)
    return DiagnosedScene(folder, settings, clock)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[DiagnosedScene]:
    made = await _scene(tmp_path, "coach")
    yield made
    await made.close()


async def test_the_score_is_told_before_a_diagnosis_starts(scene: DiagnosedScene) -> None:
    await scene.started(3)
    await scene.graded_once()
    await until(lambda: scene.diagnoser.is_busy)
    assert scene.diagnoser.scores_told == [1]
    scene.diagnoser.finish()
    await until(lambda: scene.diagnosed == [1])
    kinds = [
        type(each)
        for each in scene.notices
        if isinstance(each, ModelDiagnosed)
        or (isinstance(each, Happened) and isinstance(each.event, GradingEnded))
    ]
    assert kinds == [Happened, ModelDiagnosed]


async def test_what_was_found_is_kept_for_the_owner_only(scene: DiagnosedScene) -> None:
    await scene.started(3)
    await scene.graded_once()
    await until(lambda: scene.diagnoser.is_busy)
    scene.diagnoser.finish()
    await until(lambda: scene.diagnosed == [1])
    kept = scene.kept(1)
    assert kept is not None
    assert [each.id for each in kept.found] == ["logits"]
    submission = scene.sitting.submission(1)
    path = diagnosis_file(scene.folder, submission.sha256, FIRST)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_full_marks_need_no_diagnosis(scene: DiagnosedScene) -> None:
    await scene.started(5)
    await scene.graded_once()
    scene.proctor.look()
    await asyncio.sleep(0.05)
    assert scene.diagnoser.asked == []


async def test_a_submission_during_a_diagnosis_is_graded_at_once(scene: DiagnosedScene) -> None:
    await scene.started(3)
    await scene.graded_once()
    await until(lambda: scene.diagnoser.is_busy)
    scene.save("b")
    await scene.until_after(lambda: scene.grader.busy)
    assert not scene.diagnoser.is_busy  # given up, and the grader has the new one
    assert scene.kept(1) is None
    scene.grader.cancel()
    await scene.until_after(lambda: scene.diagnoser.is_busy)  # tried again later
    scene.diagnoser.finish()
    await until(lambda: scene.diagnosed == [1])


async def test_a_diagnosis_is_made_once(scene: DiagnosedScene) -> None:
    await scene.started(3)
    await scene.graded_once()
    await until(lambda: scene.diagnoser.is_busy)
    scene.diagnoser.finish()
    await until(lambda: scene.diagnosed == [1])
    await scene.close()
    scene.open()
    scene.proctor.look()
    await asyncio.sleep(0.05)
    assert scene.diagnoser.asked == []


async def test_a_diagnosis_that_was_interrupted_is_made_next_time(scene: DiagnosedScene) -> None:
    await scene.started(3)
    await scene.graded_once()
    await until(lambda: scene.diagnoser.is_busy)
    await scene.close()
    assert scene.diagnoser.closed
    scene.open()
    await until(lambda: scene.diagnoser.is_busy)
    assert scene.diagnoser.asked == [FIRST]


async def test_a_fault_of_ours_is_told_to_nobody(scene: DiagnosedScene) -> None:
    await scene.started(3)
    scene.diagnoser.fault = RuntimeError("ours")
    await scene.graded_once()
    await until(lambda: scene.diagnoser.asked)
    scene.proctor.look()
    await asyncio.sleep(0.05)
    assert scene.diagnoser.asked == [FIRST]
    assert scene.troubles == []
    assert scene.sitting.best(FIRST) == 3


async def test_a_damaged_file_counts_as_none(scene: DiagnosedScene) -> None:
    await scene.started(3)
    await scene.graded_once()
    await until(lambda: scene.diagnoser.is_busy)
    scene.diagnoser.finish()
    await until(lambda: scene.diagnosed == [1])
    submission = scene.sitting.submission(1)
    diagnosis_file(scene.folder, submission.sha256, FIRST).write_bytes(b"{")
    assert scene.kept(1) is None


async def test_nothing_is_diagnosed_in_faithful_mode(tmp_path: Path) -> None:
    scene = await _scene(tmp_path, "faithful")
    await scene.started(3)
    await scene.graded_once()
    scene.proctor.look()
    await asyncio.sleep(0.05)
    scene.proctor.end()
    await scene.until_after(lambda: scene.proctor.finished)
    assert scene.diagnoser.asked == []
    assert not (scene.folder / "diagnoses").exists()
    await scene.close()
