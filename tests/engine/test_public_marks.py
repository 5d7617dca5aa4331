"""Public models on the data they were made for: our accuracy is that of anybody's evaluation.

The evaluation here shares no code with the grader or the bank: idx files are read with
gzip and numpy, models with tf_keras alone, on the official test part in its own order.
"""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from engine.grading.proof_marker import GraderMarker, grader_marker
from exam_bank.catalog import BUILT_IN
from exam_bank.datasets import LocalDataset
from exam_bank.preparation import make_material
from exam_bank.proof.check import Mark
from exam_bank.task import Task
from tests.engine.test_public_models import COLOURS, MIS_SHAPED, SHARED, manifest
from tests.exam_bank.data_here import dataset_of

PICTURES = [row["name"] for row in manifest() if row["task"] in ("Exam C2", "Dicoding C2")]
FITTING = [name for name in PICTURES if name not in MIS_SHAPED]
TASKS = ("fashion_mnist", "mnist")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not PICTURES, reason="the public model files are not here"),
]
each_task = pytest.mark.parametrize("slug", TASKS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def marker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GraderMarker]:
    async with grader_marker(tmp_path_factory.mktemp("logs")) as found:
        yield found


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The hidden set of a task, made once."""
    made: dict[str, Path] = {}

    def of(task: Task) -> Path:
        if task.id not in made:
            material = make_material(task.folder, 7, dataset_of(task))  # skips without data
            folder = tmp_path_factory.mktemp(task.id)
            material.hidden.write(folder)
            made[task.id] = folder
        return made[task.id]

    return of


def independent_accuracy(model: Path, files: LocalDataset) -> float:
    import tf_keras

    def content(name: str) -> bytes:
        raw = files.path(name).read_bytes()
        return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw

    images = np.frombuffer(content("t10k-images-idx3-ubyte"), np.uint8, offset=16)
    labels = np.frombuffer(content("t10k-labels-idx1-ubyte"), np.uint8, offset=8)
    found = tf_keras.models.load_model(model, compile=False).predict(
        images.reshape(-1, 28, 28) / np.float32(255), batch_size=500, verbose=0
    )
    return float((found.argmax(axis=1) == labels).mean())


@each_task
@pytest.mark.parametrize("name", FITTING)
async def test_a_fitting_model_gets_the_accuracy_that_anybody_finds(
    slug: str, name: str, marker: GraderMarker, hidden: Any
) -> None:
    task = Task.read(BUILT_IN / slug)
    files = dataset_of(task)
    assert files is not None
    expected = independent_accuracy(SHARED / name, files)

    mark: Mark = await marker.mark_file(task, SHARED / name, hidden(task))

    assert mark.value == pytest.approx(expected, abs=2e-4)
    assert mark.value is not None
    assert mark.score == sum(
        mark.value >= each for each in task.says.mark_scheme.hardest.thresholds
    )
    print(f"{name} on {task.id}: {mark.value:.4f}, {mark.score}/5")  # noqa: T201


@each_task
@pytest.mark.parametrize("name", [name for name in PICTURES if name in MIS_SHAPED])
async def test_a_mis_shaped_model_is_rejected_with_the_right_sentence(
    slug: str, name: str, marker: GraderMarker, hidden: Any
) -> None:
    task = Task.read(BUILT_IN / slug)
    mark = await marker.mark_file(task, SHARED / name, hidden(task))
    assert (mark.score, mark.value) == (0, None)
    assert mark.says == MIS_SHAPED[name]


async def test_both_kinds_of_wrong_shape_are_among_them() -> None:
    assert {MIS_SHAPED[name] == COLOURS for name in PICTURES if name in MIS_SHAPED} == {True, False}
