"""Files that other versions of Keras saved are graded with the answers of their origin."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.inspection.model_file import look
from engine.grading.protocol import Graded, Job
from exam_bank.material import HiddenSet
from exam_bank.task import Axis, Contract, DType, Limits, MarkScheme, OutputSpec, TensorSpec

FIXTURES = Path(__file__).parents[1] / "fixtures" / "keras_versions"
MODELS = {"dense", "pictures", "batch_norm", "text", "series", "branches", "mobilenet"}
FILES = sorted(FIXTURES.glob("*/*.h5"))
# Answers are between 0 and 7; float32 holds them to about 5e-7.
CLOSE = 1e-5
# What goes through a real child as well: each version once, each with a model of its own.
IN_A_CHILD = {
    "keras-2.12.0": "series",
    "keras-2.15.0": "text",
    "keras-3.3.3": "mobilenet",
    "keras-3.8.0": "pictures",
    "keras-3.15.1": "batch_norm",
    "tf_keras-2.21.0": "branches",
}

each_file = pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")


@pytest.fixture(scope="module")
def runtime() -> Any:
    from engine.grading.child import runtime

    return runtime


def made_with(path: Path) -> HiddenSet:
    """The inputs of the file's maker, with its answers as targets."""
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as made:
        return HiddenSet(made["inputs"], made["answers"])


def dtype(hidden: HiddenSet) -> DType:
    return "int32" if hidden.inputs.dtype.kind == "i" else "float32"


def saver(path: Path) -> str:
    return "keras3" if path.parent.name.startswith("keras-3") else "tf_keras"


def test_every_version_has_every_model() -> None:
    folders = {path.parent.name for path in FILES}

    assert set(IN_A_CHILD) <= folders
    for folder in folders:
        assert {path.stem for path in FILES if path.parent.name == folder} == MODELS


@each_file
def test_inspection_takes_the_file_for_what_it_is(path: Path) -> None:
    hidden = made_with(path)

    found = look(path)

    assert found.saved_by == saver(path)
    assert found.model.keras_version == path.parent.name.partition("-")[2]
    assert found.warnings == ()
    for shape, example in (
        (found.input_shape, hidden.inputs[0]),
        (found.output_shape, hidden.targets[0]),
    ):
        assert shape is not None
        assert len(shape) == 1 + example.ndim
        assert all(axis in (None, own) for axis, own in zip(shape[1:], example.shape, strict=True))


@pytest.mark.slow
@each_file
def test_answers_are_those_of_the_origin(runtime: Any, path: Path) -> None:
    hidden = made_with(path)
    assert np.ptp(hidden.targets, axis=0).max() > 1000 * CLOSE  # a wrong load would show

    model = runtime.load(path, look(path))
    answers = np.concatenate(list(model.predict(hidden, dtype(hidden))))

    assert model.runtime == saver(path)
    assert answers.shape == hidden.targets.shape
    np.testing.assert_allclose(answers, hidden.targets, rtol=0, atol=CLOSE)


def a_job(path: Path, hidden: HiddenSet, folder: Path) -> Job:
    """Grade `path` by how far its answers are from those of its origin."""
    hidden.write(folder)
    takes: tuple[Axis, ...] = hidden.inputs.shape[1:]
    gives: tuple[Axis, ...] = hidden.targets.shape[1:]
    return Job(
        submission="0" * 64,
        task=path.stem,
        category=1,
        model=str(path),
        hidden=str(folder),
        contract=Contract(
            input=TensorSpec(shape=takes, dtype=dtype(hidden)),
            output=OutputSpec(shape=gives, activation="linear"),
        ),
        mark_scheme=MarkScheme(
            metric="mae", direction="lower", thresholds=(1.0, 0.1, 0.01, 1e-3, CLOSE)
        ),
        limits=Limits(),
    )


@pytest.fixture(scope="module")
async def grader(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Grader]:
    logs = tmp_path_factory.mktemp("logs")
    grader = Grader(logs=logs, fork_server=ForkServer(logs) if ForkServer.possible("cpu") else None)
    await grader.start()
    yield grader
    await grader.close()


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("version", IN_A_CHILD)
async def test_a_grading_child_in_its_sandbox_gives_them_too(
    grader: Grader, version: str, tmp_path: Path
) -> None:
    path = FIXTURES / version / f"{IN_A_CHILD[version]}.h5"

    grade = await grader.grade(a_job(path, made_with(path), tmp_path / "hidden"))

    assert isinstance(grade, Graded), grade.message.text()
    assert grade.runtime == saver(path)
    assert grade.metric.value is not None
    assert grade.metric.value <= CLOSE
    assert grade.score == 5
