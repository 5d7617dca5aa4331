"""The marking process: it measures what a child predicted, and its own faults cost no points."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.grading import wire
from engine.grading.host import marking_process
from engine.grading.host.grader import Grader
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.protocol import Draw, Graded, GraderFailed, Job, Metric, score_of
from engine.grading.sampling import WHOLE, drawn
from exam_bank.material import HiddenSet
from tests.engine.fake_child import command
from tests.engine.graders import job_in
from tests.engine.hidden_sets import N, answers

DRAW = Draw(seed=3)

MANY = 50_000


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return job_in(tmp_path)


@pytest.fixture
async def marking() -> AsyncIterator[MarkingProcess]:
    marking = MarkingProcess()
    yield marking
    await marking.close()


async def failure(job: Job, tmp_path: Path, code: str) -> GraderFailed:
    """The grade where the marking process is the program `code`."""
    grader = Grader(
        logs=tmp_path / "logs",
        prewarm=False,
        command=command("grades"),
        marking=MarkingProcess(command=[sys.executable, "-c", code]),
    )
    grade = await grader.grade(job)
    await grader.close()
    assert isinstance(grade, GraderFailed)
    assert score_of(grade) is None
    return grade


async def test_inputs_are_put_out_and_predictions_measured(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    inputs, predictions = tmp_path / "put out.npy", tmp_path / "predictions"
    assert await marking.lay_out(job, inputs) == wire.LaidOut(1.0)
    assert inputs.read_bytes() == (Path(job.hidden) / "inputs.npy").read_bytes()
    predictions.write_bytes(answers("accuracy", 3))
    grade = await marking.mark(job, predictions, (3,))
    assert isinstance(grade, Graded)
    assert (grade.metric, grade.score) == (Metric("accuracy", 0.85, N), 4)


async def test_of_a_draw_only_the_drawn_inputs_are_put_out(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    rows = np.arange(MANY, dtype=np.float32)
    whole = HiddenSet(rows, np.arange(MANY) % 3, input_scale=0.5)
    whole.write(tmp_path / "other")
    job = msgspec.structs.replace(job, hidden=str(tmp_path / "other"), draw=DRAW)
    part = drawn(whole, DRAW, job.mark_scheme)
    assert part is not None
    assert len(part.targets) < MANY
    assert await marking.lay_out(job, tmp_path / "inputs.npy") == wire.LaidOut(0.5)
    np.testing.assert_array_equal(np.load(tmp_path / "inputs.npy"), part.inputs)
    right = np.eye(3, dtype=np.float32)[part.targets]
    (tmp_path / "predictions").write_bytes(right.tobytes())
    grade = await marking.mark(job, tmp_path / "predictions", (3,))
    assert isinstance(grade, Graded)
    assert grade.metric == Metric("accuracy", 1.0, len(part.targets))
    assert not grade.notes


async def test_where_no_draw_would_be_fair_the_whole_set_is_measured_and_the_grade_says_so(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    job = msgspec.structs.replace(job, draw=DRAW)
    await marking.lay_out(job, tmp_path / "inputs.npy")
    assert (tmp_path / "inputs.npy").read_bytes() == (Path(job.hidden) / "inputs.npy").read_bytes()
    (tmp_path / "predictions").write_bytes(answers("accuracy", 3))
    grade = await marking.mark(job, tmp_path / "predictions", (3,))
    assert isinstance(grade, Graded)
    assert (grade.metric.n, grade.notes) == (N, (WHOLE,))


async def test_the_error_of_a_metric_comes_only_if_asked_for(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    (tmp_path / "predictions").write_bytes(answers("accuracy", 3))
    for asked in (False, True):
        again = msgspec.structs.replace(job, bootstrap=asked)
        grade = await marking.mark(again, tmp_path / "predictions", (3,))
        assert isinstance(grade, Graded)
        assert (grade.metric.error is not None) is asked


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        (b"", (3,)),
        (answers("accuracy", 3)[:-4], (3,)),
        (answers("accuracy", 3) + b"four", (3,)),
        (answers("accuracy", 2), (2,)),
        (answers("accuracy", 3), (3, 1)),
        (answers("accuracy", 3), ()),
        (b"", (0,)),
    ],
)
async def test_what_is_no_prediction_for_each_example_is_no_answer(
    marking: MarkingProcess, job: Job, tmp_path: Path, content: bytes, shape: tuple[int, ...]
) -> None:
    (tmp_path / "predictions").write_bytes(content)
    grade = await marking.mark(job, tmp_path / "predictions", shape)
    assert isinstance(grade, GraderFailed)
    assert "invalid answer" in grade.message.text()


async def test_predictions_that_are_no_numbers_score_nothing(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    (tmp_path / "predictions").write_bytes(b"\xff" * (N * 3 * 4))
    grade = await marking.mark(job, tmp_path / "predictions", (3,))
    assert isinstance(grade, Graded)
    assert (grade.metric.value, grade.score) == (None, 0)


async def test_a_hidden_set_that_is_gone_is_named(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    lost = msgspec.structs.replace(job, hidden=str(tmp_path / "gone"))
    said = await marking.lay_out(lost, tmp_path / "inputs.npy")
    assert isinstance(said, GraderFailed)
    assert "gone" in said.message.text()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import sys; print('no numpy here', file=sys.stderr); sys.exit(3)", "no numpy here"),
        ("input(); print('this is none')", "something else"),
        ("input(); print('x' * 2_000_000)", "something else"),
        ('input(); print(\'{"type": "laid_out"}\')', "something else"),
        (
            'input(); print(\'{"verdict": "crashed", "message": {"template": "x"}}\')',
            "something else",
        ),
    ],
)
async def test_a_fault_of_the_marking_process_costs_no_points(
    job: Job, tmp_path: Path, code: str, says: str
) -> None:
    assert says in (await failure(job, tmp_path, code)).message.text()


async def test_one_that_does_not_answer_costs_none_either(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marking_process, "ANSWER_SECONDS", 0.3)
    grade = await failure(job, tmp_path, "import time; time.sleep(60)")
    assert "did not answer" in grade.message.text()


async def test_one_that_cannot_be_started_is_named(job: Job, tmp_path: Path) -> None:
    grader = Grader(
        logs=tmp_path / "logs",
        prewarm=False,
        command=command("grades"),
        marking=MarkingProcess(command=["/nowhere/at/all"]),
    )
    grade = await grader.grade(job)
    await grader.close()
    assert isinstance(grade, GraderFailed)
    assert "cannot be started" in grade.message.text()


async def test_who_no_longer_waits_does_not_give_the_next_one_his_answer(
    marking: MarkingProcess, job: Job, tmp_path: Path
) -> None:
    predictions = tmp_path / "predictions"
    predictions.write_bytes(answers("accuracy", 3))
    first = asyncio.create_task(marking.lay_out(job, tmp_path / "inputs.npy"))
    await asyncio.sleep(0.05)
    first.cancel()
    grade = await marking.mark(job, predictions, (3,))
    assert isinstance(grade, Graded)


async def test_one_that_died_is_replaced(marking: MarkingProcess, job: Job, tmp_path: Path) -> None:
    assert isinstance(await marking.lay_out(job, tmp_path / "inputs.npy"), wire.LaidOut)
    assert marking._started is not None
    marking._started.process.kill()
    await marking._started.process.wait()
    assert isinstance(await marking.lay_out(job, tmp_path / "inputs.npy"), wire.LaidOut)
