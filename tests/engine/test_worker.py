"""Gradings with real TensorFlow in real children, one after the other on one grader.

Its children are forked where that can be done; a few tests are about one that is started.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from engine.grading.host.fork_server import COMMAND, ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import (
    Cancelled,
    Draw,
    Graded,
    GraderFailed,
    OutOfMemory,
    Progress,
    Rejected,
    Stage,
    TimedOut,
)
from engine.grading.sampling import WHOLE
from exam_bank.material import HiddenSet
from exam_bank.task import Limits
from tests.engine import made_models
from tests.engine.fake_child import a_job
from tests.processes import outliving

FORKING = COMMAND[-1]

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    made_models.make_in_subprocess(folder)
    (folder / "text.h5").write_text("import tensorflow as tf\n")
    (folder / "empty.h5").touch()
    (folder / "folder.h5").mkdir()
    (folder / "cut.h5").write_bytes((folder / "keras3.h5").read_bytes()[:-4096])
    return folder


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
async def grader(logs: Path) -> AsyncIterator[Grader]:
    grader = Grader(logs=logs, fork_server=ForkServer(logs) if ForkServer.possible("cpu") else None)
    await grader.start()
    yield grader
    await grader.close()


def children_below(logs: Path) -> Iterator[tuple[psutil.Process, Path]]:
    """The processes of our grader, each with its folder; other tests may have left some too."""
    for each in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            folder = Path(each.cwd())
            if folder.is_relative_to(logs):
                yield each, folder


def grading_children(logs: Path) -> list[psutil.Process]:
    """Those that have a job: the job folder of one that waits for the next is empty."""
    found = children_below(logs)
    return [each for each, job_files in found if (job_files / "model.h5").exists()]


async def test_a_child_that_is_started_by_itself_grades(made: Path, tmp_path: Path) -> None:
    grader = Grader(logs=tmp_path, prewarm=False)
    grade = await grader.grade(a_job(made / "keras3.h5", made / "hidden"))
    await grader.close()
    assert isinstance(grade, Graded), grade.message.text()
    assert (grade.metric.value, grade.runtime) == (1.0, "keras3")


@pytest.mark.skipif(not ForkServer.possible("cpu"), reason="nothing is forked here")
async def test_this_tensorflow_can_be_forked(grader: Grader, made: Path, logs: Path) -> None:
    await grader.grade(a_job(made / "keras3.h5", made / "hidden"))
    found = [each for each, folder in children_below(logs) if folder == logs]
    servers = [each for each in found if each.cmdline()[3:4] == [FORKING]]
    assert len(servers) == 1
    assert servers[0].num_threads() == 1


@pytest.mark.skipif(not ForkServer.possible("cpu"), reason="nothing is forked here")
async def test_for_a_sitting_only_what_waits_for_nobody_is_at_low_priority(
    made: Path, tmp_path: Path
) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    seen: list[int] = []
    server = ForkServer(tmp_path, priority="normal")
    grader = Grader(logs=tmp_path, fork_server=server, priority="normal")

    def look(_: Progress) -> None:
        seen.extend(each.nice() for each in grading_children(tmp_path))

    await grader.start()
    grade = await grader.grade(a_job(made / "keras3.h5", made / "hidden"), look)
    await grader.close()
    assert isinstance(grade, Graded), grade.message.text()
    assert set(seen) == {usual}


@pytest.mark.parametrize("name", ["keras3", "tf_keras"])
async def test_honest_models_of_both_keras_are_graded(
    grader: Grader, made: Path, name: str
) -> None:
    heard: list[Progress] = []
    grade = await grader.grade(a_job(made / f"{name}.h5", made / "hidden"), heard.append)
    assert isinstance(grade, Graded), grade.message.text()
    assert grade.runtime == name
    assert grade.metric.n == 600
    assert grade.model.parameters
    assert "Conv2D" in " ".join(grade.model.layers)
    if name == "keras3":
        assert grade.metric.value == 1.0
        assert grade.score == 5
    stages = [each.stage for each in heard]
    assert stages == sorted(stages, key=list(Stage).index)
    assert set(stages) == set(Stage) - {Stage.WAITING}  # which the queue says, before it hands over


async def test_a_drawn_part_of_the_hidden_set_is_measured(grader: Grader, made: Path) -> None:
    whole = a_job(made / "keras3.h5", made / "hidden")
    sizes = {}
    for full in (0.75, 0.99):
        marks = msgspec.structs.replace(whole.mark_scheme, thresholds=(0.1, 0.2, 0.3, 0.4, full))
        job = msgspec.structs.replace(whole, draw=Draw(seed=5), mark_scheme=marks)
        grade = await grader.grade(job)
        assert isinstance(grade, Graded), grade.message.text()
        assert grade.metric.value == 1.0
        sizes[full] = (grade.metric.n, WHOLE in grade.notes)
    n = len(HiddenSet.read(made / "hidden").targets)
    assert sizes[0.75] == (n, True)
    assert sizes[0.99][0] < n
    assert not sizes[0.99][1]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("text", "text_file"),
        ("empty", "empty_file"),
        ("folder", "folder"),
        ("cut", "cut_off"),
        ("missing", "missing_file"),
        ("only.weights", "weights_only"),
        ("wrong_input", "wrong_input_shape"),
        ("wrong_output", "wrong_output_shape"),
    ],
)
async def test_files_at_fault_are_rejected_with_the_reason(
    grader: Grader, made: Path, name: str, reason: str
) -> None:
    grade = await grader.grade(a_job(made / f"{name}.h5", made / "hidden"))
    assert isinstance(grade, Rejected), grade.message.text()
    assert grade.reason == reason


async def test_a_lambda_is_rejected(grader: Grader, made: Path) -> None:
    grade = await grader.grade(a_job(made / "lambda.h5", made / "hidden"))
    assert isinstance(grade, Rejected), grade.message.text()
    assert "Lambda" in grade.message.text()


async def test_logits_are_graded_with_a_note(grader: Grader, made: Path) -> None:
    grade = await grader.grade(a_job(made / "logits.h5", made / "hidden"))
    assert isinstance(grade, Graded), grade.message.text()
    assert ["logits" in each.text() for each in grade.notes] == [True]
    plain = await grader.grade(a_job(made / "keras3.h5", made / "hidden"))
    assert isinstance(plain, Graded)
    assert not plain.notes


async def test_nan_is_graded_and_scores_nothing(grader: Grader, made: Path) -> None:
    grade = await grader.grade(a_job(made / "nan.h5", made / "hidden"))
    assert isinstance(grade, Graded), grade.message.text()
    assert (grade.metric.value, grade.score) == (None, 0)


async def test_a_slow_model_times_out_and_the_next_is_graded(grader: Grader, made: Path) -> None:
    slow = a_job(made / "slow.h5", made / "hidden", Limits(seconds=1.5))
    assert isinstance(await grader.grade(slow), TimedOut)
    assert isinstance(await grader.grade(a_job(made / "keras3.h5", made / "hidden")), Graded)


async def test_cancel_while_predicting(grader: Grader, made: Path, logs: Path) -> None:
    predicting = asyncio.Event()

    def hear(progress: Progress) -> None:
        if progress.stage is Stage.PREDICTING:
            predicting.set()

    job = a_job(made / "slow.h5", made / "hidden")
    grading = asyncio.create_task(grader.grade(job, hear))
    await predicting.wait()
    (child,) = grading_children(logs)
    grader.cancel()
    assert isinstance(await grading, Cancelled)
    assert not await asyncio.to_thread(outliving, [child], 2)
    assert isinstance(await grader.grade(a_job(made / "tf_keras.h5", made / "hidden")), Graded)


async def test_memory_beyond_the_limit(grader: Grader, made: Path) -> None:
    tight = a_job(made / "slow.h5", made / "hidden", Limits(memory_mb=200))
    assert isinstance(await grader.grade(tight), OutOfMemory)


async def test_a_child_killed_from_outside_costs_nothing(
    grader: Grader, made: Path, logs: Path
) -> None:
    killed: list[int] = []

    def kill_once(progress: Progress) -> None:
        if progress.stage is Stage.PREDICTING and not killed:
            for child in grading_children(logs):
                child.kill()
                killed.append(child.pid)

    grade = await grader.grade(a_job(made / "keras3.h5", made / "hidden"), kill_once)
    assert killed
    assert isinstance(grade, Graded), grade.message.text()


async def test_a_damaged_hidden_set_is_our_fault(
    grader: Grader, made: Path, tmp_path: Path
) -> None:
    (tmp_path / "hidden.json").write_text("{}")
    grade = await grader.grade(a_job(made / "keras3.h5", tmp_path))
    assert isinstance(grade, GraderFailed)
    assert "hidden set" in grade.message.text()


@pytest.mark.parametrize("forked", [False, True])
async def test_no_child_outlives_an_app_that_is_killed(
    made: Path, tmp_path: Path, forked: bool
) -> None:
    if forked and not ForkServer.possible("cpu"):
        pytest.skip("nothing is forked here")
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from engine.grading.host.grader import Grader\n"
        "from engine.grading.host.fork_server import ForkServer\n"
        "from tests.engine.fake_child import a_job\n"
        "async def main(folder):\n"
        "    fork_server = ForkServer(Path(sys.argv[2])) if sys.argv[3] == 'True' else None\n"
        "    grader = Grader(logs=Path(sys.argv[2]), fork_server=fork_server)\n"
        "    job = a_job(folder / 'slow.h5', folder / 'hidden')\n"
        "    await grader.grade(job, lambda p: print(p.stage.value, flush=True))\n"
        "asyncio.run(main(Path(sys.argv[1])))\n"
    )
    app = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, made, tmp_path, str(forked)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert app.stdout is not None
    async for line in app.stdout:
        if line.strip() == b"predicting":
            break
    children = psutil.Process(app.pid).children(recursive=True)
    app.kill()
    await app.wait()
    assert len(children) >= 1 + forked
    assert not outliving(children, 2)
