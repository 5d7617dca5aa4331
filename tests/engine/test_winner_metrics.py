"""A sitting of scores only has no metric on disk before its end, and the winners' afterwards."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.coaching.winner_metrics import with_metrics
from engine.grading.evidence import Evidence
from engine.grading.metric_sentence import describe
from engine.grading.protocol import Graded, Message, Metric
from engine.sitting.state.sitting import Mode
from engine.sitting.store.evidence_files import evidence_file
from engine.sitting.store.history import past
from engine.sitting.store.journal import NAME
from tests.engine.scene import Scene
from tests.engine.sittings import FIRST, graded, make_settings, make_sitting

MEASURED = Metric("mae", 0.1234567, 321)


async def sat(tmp_path: Path, mode: Mode, grade: Graded) -> Scene:
    clock, settings = ManualClock(), make_settings(tmp_path)
    folder = await make_sitting(tmp_path, clock, settings=settings, mode=mode)
    scene = Scene(folder, settings, clock)
    await scene.started()
    scene.save("a")
    await scene.until_submitted(1)
    await scene.until_after(lambda: scene.grader.busy)
    scene.grader.answer(grade)
    await scene.until_after(lambda: not scene.sitting.unfinished)
    return scene


def explain(scene: Scene) -> None:
    """Write the evidence that grading the winner once more gives."""
    scheme = scene.proctor.tasks[FIRST].marks("classic")
    (winner,) = scene.sitting.submissions
    found = Evidence(task=FIRST, metric=MEASURED, score=3, scheme=scheme)
    path = evidence_file(scene.folder, winner.sha256, FIRST)
    found.write(path)


def grade_in(scene: Scene) -> Graded:
    (submission,) = with_metrics(scene.folder, past(scene.folder)).submissions
    assert isinstance(submission.grade, Graded)
    return submission.grade


async def end(scene: Scene) -> None:
    scene.proctor.end()
    await scene.until_after(lambda: scene.proctor.finished)


@pytest.mark.parametrize("mode", ["faithful", "blind"])
async def test_no_metric_is_written_until_the_winner_is_explained(
    tmp_path: Path, mode: Mode
) -> None:
    told = replace(graded(3), message=describe(MEASURED), metric=MEASURED)
    scene = await sat(tmp_path, mode, told)
    written = (scene.folder / NAME).read_text()
    assert '"score":3' in written
    assert '"metric":{"name":"mae","value":null,"n":0}' in written
    assert "0.12" not in written
    explain(scene)
    assert with_metrics(scene.folder, scene.sitting) == scene.sitting  # not before the end
    await end(scene)
    grade = grade_in(scene)
    assert (grade.score, grade.metric) == (3, MEASURED)
    assert grade.message.text().startswith("Mean absolute error 0.1235 on 321")
    await scene.close()


async def test_without_evidence_only_the_score_is_known(tmp_path: Path) -> None:
    scene = await sat(tmp_path, "faithful", graded(3))
    await end(scene)
    grade = grade_in(scene)
    assert (grade.score, grade.is_score_only, grade.message) == (3, True, Message(""))
    await scene.close()


async def test_coach_mode_keeps_what_was_measured(tmp_path: Path) -> None:
    scene = await sat(tmp_path, "coach", graded(3))
    assert '"value":0.5,"n":10' in (scene.folder / NAME).read_text()
    await scene.close()


async def test_predictions_that_are_not_finite_are_explained_at_once(tmp_path: Path) -> None:
    nothing = Metric("mae", None, 10)
    said = replace(graded(0), message=describe(nothing), metric=nothing)
    scene = await sat(tmp_path, "faithful", said)
    assert grade_in(scene) == said
    await scene.close()
