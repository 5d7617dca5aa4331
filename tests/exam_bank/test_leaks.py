"""No hidden example is in the training data, nor nearly: for every task whose data are here.

What the candidate trains on is read by the task's own starter, as a candidate reads it, so
that every form of delivery (tables, pictures in folders, numbered words, a series to cut
windows from) becomes rows in the shape of the model's input. Then each kind has its own
measure of "nearly the same".
"""

import math
import os
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from engine.grading.host.environment import environment
from exam_bank.catalog import Catalog
from exam_bank.material import Array, Material
from exam_bank.preparation import make_material
from exam_bank.proof.solution_fork import PreloadedPython, can_fork
from exam_bank.real.near import near
from exam_bank.task import Task
from tests.exam_bank.data_here import dataset_of

SEEDS = range(5)
TASKS = Catalog.find().tasks
SMALL = 16
# Beyond so many rows a seed costs half a minute, and the next one only withholds others.
LARGE = 50_000

# Root mean squares: standard deviations of a column, and grey levels of 255.
NUMBERS, PICTURES = 0.001, 2.0

# What a line of a solution holds when it builds or trains.
WORK = ("Dense(", "Conv1D(", "Conv2D(", "LSTM(", "GRU(", ".compile(", ".fit(")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not can_fork(), reason="reads with many forks of TensorFlow"),
]

# Run beside the candidate's files, with the task's starter as `given.py`.
READER = """
import csv
from pathlib import Path
import numpy as np
from PIL import Image
from exam_bank.proof.formulas import texts
import given

def rows(found):
    parts = found if isinstance(found, tuple) else (found,)
    data = [part for part in parts if hasattr(part, "element_spec")]
    if data:
        return np.concatenate([np.asarray(x, "uint8") for part in data for x, *_ in part])
    files = {each.as_posix(): each.read_bytes() for each in Path("data").glob("*.*")}
    if raw := texts.labelled(files):
        return raw[0]
    if isinstance(parts[0], list) and isinstance(parts[0][0], str):
        return np.stack([np.asarray(Image.open(path)) for path in parts[0]])
    if isinstance(parts[0], list):
        return np.array([[float(row[name] or 0) for name in given.MEASURES] for row in parts[0]])
    return np.asarray(parts[0])

loaders = [value for name, value in vars(given).items() if name.startswith("load_")]
np.save("rows.npy", rows(loaders[0]()))
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def python() -> AsyncIterator[PreloadedPython]:
    async with PreloadedPython(["tensorflow"], environment(os.environ, "cpu")) as warm:
        yield warm


async def trained_on(task: Task, material: Material, room: Path, python: PreloadedPython) -> Array:
    """The rows that the starter's first loader gives, in the shape of the model's input."""
    folder, reader = room / f"Category{task.category}", room / "reader.py"
    material.write(folder, room / "hidden")
    (folder / "given.py").write_bytes(task.starter())
    reader.write_text(READER)
    ran = await python.run_solution(reader, folder, limit=600)
    assert ran.status == 0, ran.log
    rows: Array = np.load(folder / "rows.npy")
    return as_inputs(rows, material.hidden.inputs.shape[1:])


def as_inputs(rows: Array, shape: tuple[int, ...]) -> Array:
    """`rows`, or every window of a series, shaped like the examples of a hidden set."""
    if rows.shape[1:] == shape:
        return rows
    if len(shape) == 1:  # a table: the model's further columns are made of texts
        assert rows.ndim == 2, rows.shape
        assert rows.shape[1] <= shape[0], rows.shape
        return rows
    past, width = shape
    series = rows.reshape(-1, *rows.shape[-2:]) if rows.ndim == 3 else rows.reshape(1, -1, width)
    windows = np.lib.stride_tricks.sliding_window_view(series, past, axis=1)
    return np.moveaxis(windows, -1, 2).reshape(-1, past, width)


def copies(task: Task, hidden: Array, rows: Array) -> int:
    """How many of `hidden` are in `rows`, or nearly."""
    if task.category == 4:
        known = {words(row) for row in rows}
        return sum(words(row) in known for row in hidden)
    if task.says.contract.output.activation == "softmax" and hidden.ndim > 2:
        mine, theirs = small(hidden), small(rows)
        sketch = 4 if math.prod(mine.shape[1:]) % 4 == 0 else 1
        return int(near(mine, theirs, PICTURES, sketch=sketch).sum())
    flat = rows.reshape(len(rows), -1).astype(np.float64)
    scale = np.maximum(flat.std(axis=0), 1e-9)
    others = hidden.reshape(len(hidden), -1)[:, : flat.shape[1]]
    return int(near(others / scale, flat / scale, NUMBERS).sum())


def words(row: Array) -> tuple[int, ...]:
    """The words of a text without their order; 0 is padding, 1 any word that is rare."""
    return tuple(sorted(int(word) for word in row if word > 0))


def small(pictures: Array) -> Array:
    """Pictures of at most 32 pixels a side: larger ones as means over 16 × 16 fields."""
    side = pictures.shape[1]
    if side <= 32:
        return pictures.astype(np.float32)
    field = side // SMALL
    cut = pictures[:, : field * SMALL, : field * SMALL]
    parts = cut.reshape(len(cut), SMALL, field, SMALL, field, -1)
    return np.asarray(parts.mean(axis=(2, 4), dtype=np.float32))


@pytest.mark.timeout(1800)
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
async def test_no_hidden_example_was_trained_on(
    task: Task, tmp_path: Path, python: PreloadedPython
) -> None:
    dataset = dataset_of(task)
    for seed in SEEDS:
        material = make_material(task.folder, seed, dataset)
        rows = await trained_on(task, material, tmp_path / str(seed), python)
        assert copies(task, np.asarray(material.hidden.inputs), rows) == 0, f"seed {seed}"
        assert found_in_files(material) == [], f"seed {seed}"
        if len(rows) > LARGE and seed > 0:
            break


def found_in_files(material: Material) -> list[str]:
    """The candidate's files that hold the answers, or the hidden examples, as bytes."""
    hidden = material.hidden
    kinds = {hidden.targets.dtype, np.dtype("float32"), np.dtype("float64"), np.dtype("int64")}
    secrets = [np.asarray(hidden.targets[:60]).astype(kind).tobytes() for kind in kinds]
    secrets.append(np.asarray(hidden.inputs[:3]).tobytes())
    telling = [secret for secret in secrets if len(set(secret)) > 1]
    return [
        name
        for name, content in material.files.items()
        if any(secret in content for secret in telling)
    ]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_what_a_candidate_reads_gives_no_solution_away(task: Task) -> None:
    told = task.starter().decode() + task.brief("en") + task.brief("zh")
    for path in (*task.references(), *task.decent_solutions()):
        own = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        telling = [line for line in own if len(line) > 25 and any(sign in line for sign in WORK)]
        assert telling, path
        assert not [line for line in telling if line in told], path


def test_the_measures_find_what_leaks() -> None:
    """A copy, a near copy and an overlapping window are found; strangers are not."""
    rng = np.random.RandomState(5)
    by_id = {task.id: task for task in TASKS}
    table = rng.rand(500, 8).astype(np.float32)
    assert copies(by_id["flats"], table[:3] + np.float32(1e-5), table) == 3
    assert copies(by_id["flats"], rng.rand(3, 8), table) == 0
    drawn = rng.randint(0, 255, (90, 28, 28)).astype(np.uint8)
    assert copies(by_id["garments"], drawn[:4] ^ 1, drawn) == 4
    assert copies(by_id["garments"], drawn[:4][:, ::-1], drawn) == 0
    photographs = rng.randint(0, 255, (20, 150, 150, 3)).astype(np.uint8)
    assert copies(by_id["hands"], photographs[:2] ^ 1, photographs) == 2
    texts = rng.randint(2, 900, (50, 30))
    assert copies(by_id["reviews"], np.roll(texts[:2], 1, axis=1), texts) == 2
    assert copies(by_id["reviews"], texts[:2] + 1, texts) == 0
    series = rng.rand(300, 5).astype(np.float32)
    windows = as_inputs(series, (48, 5))
    assert windows.shape == (253, 48, 5)
    assert copies(by_id["town-load"], series[None, 100:148], windows) == 1
    assert copies(by_id["town-load"], series[None, 100:148][:, ::-1], windows) == 0
