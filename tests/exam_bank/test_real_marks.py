"""The real tasks with the real data, where they are here: no luck and no leak in any paper."""

import io

import numpy as np
import pytest

from engine.grading.metrics import measure
from exam_bank.catalog import BUILT_IN
from exam_bank.material import Array, Material
from exam_bank.preparation import make_material
from exam_bank.real.near import near
from exam_bank.task import Task
from tests.exam_bank.data_here import dataset_of
from tests.exam_bank.real_fixtures import NAMES

pytestmark = pytest.mark.slow

LARGE = ("fashion-mnist", "mnist", "household-power", "california-housing")
# A remembered window is one whose values agree to this share of the spread.
NEAR = 1e-3


def seeds(name: str) -> range:
    """Papers enough to see what a draw can do; few of what takes seconds."""
    return range(3) if name in LARGE else range(12)


def made(name: str, seed: int) -> tuple[Task, Material]:
    task = Task.read(BUILT_IN / name.replace("-", "_"))
    return task, make_material(task.folder, seed, dataset_of(task))


@pytest.mark.parametrize("name", NAMES)
def test_what_learns_nothing_earns_at_most_one_point(name: str) -> None:
    for seed in seeds(name):
        task, material = made(name, seed)
        says = task.says
        for label, predictions in material.trivial.items():
            metric, score = measure(
                predictions, material.hidden, says.mark_scheme.hardest, says.contract
            )
            assert score <= 1, (seed, label, metric.value)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_hidden_nearly_repeats_what_the_candidate_has(name: str) -> None:
    for seed in seeds(name)[:5]:
        _, material = made(name, seed)
        hidden, known, within, sketch = compared(name, material)
        assert not near(hidden, known, within, sketch=sketch).any(), seed


def compared(name: str, material: Material) -> tuple[Array, Array, float, int]:
    """Hidden rows and the candidate's in the same form, and how near is too near."""
    (content,) = material.files.values()
    inputs = material.hidden.inputs
    if name in ("fashion-mnist", "mnist"):
        with np.load(io.BytesIO(content)) as file:
            return tiles(inputs), tiles(file["images"]), 8.0, 16
    if name == "california-housing":
        with np.load(io.BytesIO(content)) as file:
            known = file["x"].astype(np.float64)
        return inputs / known.std(axis=0), known / known.std(axis=0), NEAR, 1
    width = {"iris": 4, "auto-mpg": 6}.get(name)
    first = 0 if width else 1 if name == "household-power" else 2
    rows = [line.split(",") for line in content.decode().splitlines()[1:]]
    cells = [row[first : first + (width or inputs.shape[-1])] for row in rows]
    known = np.array([row for row in cells if all(row)], dtype=np.float64)
    if width:
        return inputs[:, :width] / known.std(axis=0), known / known.std(axis=0), NEAR, 1
    if name == "household-power":
        known = (known - known.min(axis=0)) / np.ptp(known, axis=0)
    places = np.arange(len(known) - inputs.shape[1] + 1)[:, None] + np.arange(inputs.shape[1])
    spread = known.std(axis=0)
    return inputs / spread, known[places] / spread, NEAR, 1


def tiles(images: Array) -> Array:
    return images.reshape(-1, 7, 4, 7, 4).swapaxes(2, 3).reshape(len(images), -1)
