"""After the end: the winners get evidence and diagnoses, and nothing is made twice."""

from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.coaching.explanation import ExplanationProgress, explain, is_missing, newest_missing
from engine.grading.diagnosis import Diagnoses, Diagnosis
from engine.grading.protocol import Grade, Graded, Job
from engine.sitting.state.sitting import Mode
from engine.sitting.store.diagnoses import diagnoses_of
from engine.sitting.store.evidence_files import evidence_file
from tests.engine.scene import Scene
from tests.engine.sittings import FIRST, SECOND, graded, make_settings, make_sitting


class FakeExplainer:
    """Grader and diagnoser in one: writes evidence as the marking process does."""

    def __init__(self, *, fails: bool = False) -> None:
        self.evidence: list[str] = []
        self.diagnosed: list[str] = []
        self._fails = fails

    async def grade(self, job: Job, on_progress: object = None) -> Grade:
        if self._fails:
            raise RuntimeError("ours")
        assert job.evidence is not None
        self.evidence.append(job.task)
        _write(Path(job.evidence))
        return graded(3)

    async def diagnose(
        self, job: Job, grade: Graded, sha256: str, folder: Path
    ) -> Diagnoses | None:
        assert job.evidence is None
        self.diagnosed.append(job.task)
        found = (Diagnosis(id="logits", would_score=5),)
        return Diagnoses(task=job.task, sha256=sha256, score=grade.score, found=found)

    def cancel(self) -> None:
        pass

    async def close(self) -> None:
        pass


def _write(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"{}")


class _Sat:
    """An ended sitting with 3/5 in the first task and 5/5 in the second."""

    def __init__(self, scene: Scene) -> None:
        self.folder, self.settings = scene.folder, scene.settings
        self.winners = {task: scene.sitting.winner(task) for task in (FIRST, SECOND)}

    async def explain(
        self, with_: FakeExplainer, told: list[ExplanationProgress] | None = None
    ) -> int:
        keep = (told if told is not None else []).append
        return await explain(
            self.folder,
            self.settings,
            grader=with_,  # type: ignore[arg-type]
            diagnoser=with_,
            on_progress=keep,
        )

    def has_evidence(self, task: str) -> bool:
        winner = self.winners[task]
        assert winner is not None
        return evidence_file(self.folder, winner.sha256, task).exists()

    def found(self, task: str) -> Diagnoses | None:
        winner = self.winners[task]
        assert winner is not None
        return diagnoses_of(self.folder, winner.sha256, task)


async def _sat(tmp_path: Path, mode: Mode = "faithful") -> _Sat:
    clock, settings = ManualClock(), make_settings(tmp_path)
    folder = await make_sitting(tmp_path, clock, settings=settings, mode=mode)
    scene = Scene(folder, settings, clock)
    await scene.started(3, 5)
    scene.save("a")
    await scene.until_graded(1)
    scene.save("b", SECOND)
    await scene.until_graded(2)
    assert not is_missing(folder)  # not before the end
    scene.proctor.end()
    await scene.until_after(lambda: scene.proctor.finished)
    sat = _Sat(scene)
    await scene.close()
    return sat


@pytest.mark.parametrize("mode", ["faithful", "coach"])
async def test_the_winners_get_evidence_and_what_explains_them(tmp_path: Path, mode: Mode) -> None:
    sat, fake = await _sat(tmp_path, mode), FakeExplainer()
    assert is_missing(sat.folder)
    assert list(newest_missing(sat.settings)) == [sat.folder]
    assert await sat.explain(fake) == 3
    assert sorted(fake.evidence) == [FIRST, SECOND]
    assert fake.diagnosed == [FIRST]  # full marks need no diagnosis
    found = sat.found(FIRST)
    assert found is not None
    assert found.score == 3
    assert sat.has_evidence(SECOND)


async def test_nothing_is_made_twice(tmp_path: Path) -> None:
    sat, again = await _sat(tmp_path), FakeExplainer()
    await sat.explain(FakeExplainer())
    assert not is_missing(sat.folder)
    assert await sat.explain(again) == 0
    assert again.evidence == again.diagnosed == []
    assert list(newest_missing(sat.settings)) == []


async def test_progress_is_told(tmp_path: Path) -> None:
    sat = await _sat(tmp_path)
    told: list[ExplanationProgress] = []
    await sat.explain(FakeExplainer(), told)
    assert [(each.done, each.total) for each in told] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert {each.task for each in told} == {FIRST, SECOND, ""}


async def test_who_was_interrupted_goes_on_where_he_was(tmp_path: Path) -> None:
    sat = await _sat(tmp_path)
    await sat.explain(FakeExplainer())
    winner = sat.winners[SECOND]
    assert winner is not None
    evidence_file(sat.folder, winner.sha256, SECOND).unlink()
    again = FakeExplainer()
    assert await sat.explain(again) == 1
    assert (again.evidence, again.diagnosed) == ([SECOND], [])


async def test_a_fault_of_ours_is_no_trouble_and_leaves_the_rest(tmp_path: Path) -> None:
    sat, fake = await _sat(tmp_path), FakeExplainer(fails=True)
    assert await sat.explain(fake) == 1
    assert fake.diagnosed == [FIRST]
    assert is_missing(sat.folder)


async def test_what_cannot_be_graded_any_more_is_not_missing(tmp_path: Path) -> None:
    sat = await _sat(tmp_path)
    for task in (FIRST, SECOND):
        (sat.folder / "hidden" / task / "hidden.json").unlink()
    assert not is_missing(sat.folder)


async def test_a_task_of_a_faithful_exam_that_goes_on_is_left_out(tmp_path: Path) -> None:
    sat, clock, fake = await _sat(tmp_path), ManualClock(), FakeExplainer()
    settings = make_settings(tmp_path, workspaces=tmp_path / "other")
    (tmp_path / "bank").rename(tmp_path / "bank before")
    folder = await make_sitting(tmp_path, clock, settings=settings, mode="faithful")
    scene = Scene(folder, settings, clock)
    await scene.started()
    try:
        assert await sat.explain(fake) == 0
    finally:
        await scene.close()
