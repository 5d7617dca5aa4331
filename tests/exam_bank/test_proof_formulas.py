"""What needs no training, and the line: read from a candidate's files, right where it can be."""

import io
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from engine.grading.metrics import measure
from exam_bank.catalog import BUILT_IN
from exam_bank.material import Array, HiddenSet, Material
from exam_bank.preparation import make_material
from exam_bank.proof.check import Mark
from exam_bank.proof.formulas import best, linear
from exam_bank.proof.formulas.families import families
from exam_bank.proof.formulas.pairs import Pairs, read
from exam_bank.task import Contract, MarkSchemes, OutputSpec, Task, TensorSpec


@pytest.fixture
def rng() -> np.random.Generator:
    """Figures of a test, not of an exam."""
    return np.random.default_rng(7)


def a_task(
    shape: tuple[Any, ...],
    out: tuple[Any, ...],
    *,
    metric: Any = "mae",
    activation: Any = "linear",
    dtype: Any = "float32",
) -> Task:
    says = Task.read(BUILT_IN / "straight_line").says
    lower = metric in ("mae", "relative_mae")
    thresholds = (0.5, 0.4, 0.3, 0.2, 0.1) if lower else (0.5, 0.6, 0.7, 0.8, 0.9)
    scheme = MarkSchemes(
        metric=metric, direction="lower" if lower else "higher", thresholds=thresholds
    )
    contract = Contract(
        input=TensorSpec(shape=shape, dtype=dtype),
        output=OutputSpec(shape=out, activation=activation),
    )
    says = msgspec.structs.replace(says, contract=contract, mark_scheme=scheme)
    return Task(says=says, folder=Path("nowhere"))


def material(files: dict[str, bytes], inputs: Array, targets: Array, **more: Any) -> Material:
    return Material(files=files, hidden=HiddenSet(inputs, targets, **more), trivial={})


def packed(**arrays: Array) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def marker(task: Task, made: Material) -> best.MarkIt:
    def mark(predictions: Array) -> Mark:
        says = task.says
        metric, score = measure(predictions, made.hidden, says.mark_scheme.hardest, says.contract)
        return Mark(metric=metric.name, value=metric.value, score=score)

    return mark


def off(predictions: Array, targets: Array) -> float:
    return float(np.abs(predictions - targets).mean())


# -- reading the candidate's files -----------------------------------------------------------


def test_arrays_are_told_by_the_shape_of_the_contract(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    made = material({"data/train.npz": packed(names=np.arange(3), y=y, x=x)}, x[:5], y[:5])
    [pairs] = read(a_task((3,), (1,)), made)
    assert (pairs.inputs == x).all()
    assert (pairs.targets == y).all()


def test_a_table_gives_its_last_column_as_the_answer_and_drops_gaps() -> None:
    table = b"a,b,y\n1,2,3\n4,,6\n7,8,9\n"
    made = material({"data/train.csv": table}, np.ones((4, 2)), np.ones((4, 1)))
    [pairs] = read(a_task((2,), (1,)), made)
    assert pairs.inputs.tolist() == [[1, 2], [7, 8]]
    assert pairs.targets.tolist() == [[3], [9]]


def test_a_column_of_words_becomes_flags_in_the_order_of_the_hidden_columns() -> None:
    table = b"a,where,y\n1,usa,0\n2,usa,0\n3,usa,0\n4,asia,0\n5,europe,0\n6,europe,0\n"
    hidden = np.array([[1, 1, 0, 0], [2, 1, 0, 0], [3, 0, 1, 0], [4, 1, 0, 0]])
    hidden = np.vstack([hidden, [5, 0, 1, 0], [6, 0, 0, 1]])
    made = material({"data/train.csv": table}, hidden, np.zeros((6, 1)))
    [pairs] = read(a_task((4,), (1,)), made)
    assert pairs.inputs[0].tolist() == [1, 1, 0, 0]
    assert pairs.inputs[3].tolist() == [4, 0, 0, 1]
    assert pairs.inputs[4].tolist() == [5, 0, 1, 0]


def test_a_series_is_cut_within_each_owner_and_asked_for_in_two_forms(
    rng: np.random.Generator,
) -> None:
    rows = "".join(f"{jar},day,{10 * jar + n}\n" for jar in (1, 2) for n in range(4))
    made = material(
        {"data/train.csv": f"jar,day,count\n{rows}".encode()},
        np.full((3, 2, 1), 13.0) + rng.normal(0, 5, (3, 2, 1)),
        np.full((3, 2), 13.0),
    )
    plain, running = read(a_task((2, 1), (2,)), made)
    assert plain.inputs[..., 0].tolist() == [[10, 11], [20, 21]]
    assert plain.targets.tolist() == [[12, 13], [22, 23]]
    assert running.targets.tolist() == [[12, 12.5], [22, 22.5]]


def test_a_column_before_the_series_may_hold_the_answers_or_their_weekly_means(
    rng: np.random.Generator,
) -> None:
    answers, counts = np.arange(40.0) % 9, np.arange(100.0, 140.0)
    table = "a,n\n" + "".join(f"{a},{n}\n" for a, n in zip(answers, counts, strict=True))
    made = material(
        {"data/train.csv": table.encode()}, rng.uniform(size=(9, 3, 1)), np.zeros((9, 2))
    )
    each, weekly, *_ = read(a_task((3, 1), (2,)), made)
    assert each.inputs[0, :, 0].tolist() == [100, 101, 102]
    assert each.targets[0].tolist() == [3, 4]
    assert weekly.inputs[0, :, 0].tolist() == [100, 101, 102]
    assert weekly.targets[0] == pytest.approx([answers[3:10].mean(), answers[10:17].mean()])


def test_a_series_is_scaled_to_its_span_where_the_hidden_one_is(rng: np.random.Generator) -> None:
    counts = np.arange(100.0, 300.0)
    table = "n\n" + "".join(f"{each}\n" for each in counts)
    hidden = rng.uniform(0, 1, (9, 4, 1))
    made = material({"data/train.csv": table.encode()}, hidden, hidden[:, :2])
    pairs = read(a_task((4, 1), (2, 1)), made)[0]
    assert (pairs.inputs.min(), pairs.targets.max()) == (0.0, 1.0)


def jpeg(grey: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (grey,) * 3).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("listed", [False, True])
def test_pictures_are_labelled_by_their_folder_or_by_a_list(listed: bool) -> None:
    files = {"data/train/dog/1.jpg": jpeg(200), "data/train/cat/2.jpg": jpeg(10)}
    if listed:
        files = {"data/p/1.jpg": jpeg(200), "data/p/2.jpg": jpeg(10)}
        files["data/list.csv"] = b"file,animal\n1.jpg,dog\n2.jpg,cat\n"
    made = material(files, np.zeros((2, 4, 4, 3), np.uint8), np.array([0, 1]))
    [pairs] = read(a_task((4, 4, 3), (2,), metric="accuracy", activation="softmax"), made)
    bright = pairs.inputs.mean(axis=(1, 2, 3)) > 100
    assert (pairs.targets == bright).all()
    assert pairs.named


# -- families --------------------------------------------------------------------------------


def test_what_is_exact_for_a_series_is_found(rng: np.random.Generator) -> None:
    task = a_task((6, 1), (3,))
    starts = rng.integers(0, 50, (20, 1)).astype(float)
    rising = (starts + np.arange(9))[..., None]
    turning = np.tile(rng.normal(size=(20, 3)), 3)[..., None]
    for rows, family, member in (
        (rising, "last + k·change", "k 1 a step"),
        (rising, "drift", "first to last"),
        (turning, "seasonal repeat", "period 3"),
        (turning, "seasonal mean", "period 3"),
    ):
        targets = rows[:, 6:, 0]
        found = families(task, Pairs(rows[:, :6], targets), rows[:, :6])
        assert off(found[family][member], targets) < 1e-9, member
    assert off(found["last value"]["last"], targets) > 0.1


def test_each_measure_is_tried_in_the_place_of_the_one_that_is_asked_for(
    rng: np.random.Generator,
) -> None:
    rows = rng.normal(size=(10, 4, 2))
    targets = rows[:, -1:, 1].repeat(2, axis=1)
    found = families(a_task((4, 2), (2,)), Pairs(rows, targets), rows)
    assert off(found["last value"]["last of measure 2"], targets) == 0


def test_of_several_measures_each_is_held_by_itself(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(10, 4, 2))
    targets = rows[:, -1:].repeat(3, axis=1)
    found = families(a_task((4, 2), (3, 2)), Pairs(rows, targets), rows)
    assert off(found["last value"]["last"], targets) == 0
    assert found["mean"]["of all"].shape == targets.shape


def test_a_column_and_a_quotient_are_found_by_a_number(rng: np.random.Generator) -> None:
    rows = rng.uniform(1, 2, (50, 3))
    task = a_task((3,), (1,))
    twice, rate = 2 * rows[:, 1:2], 5 * rows[:, :1] / rows[:, 2:]
    found = families(task, Pairs(rows, twice), rows)
    assert off(found["one column"]["column 2, by the median"], twice) < 1e-9
    found = families(task, Pairs(rows, rate), rows)
    assert off(found["two columns"]["column 1 / 3, by sums"], rate) < 0.2
    assert off(found["two columns"]["column 1 / 3, by the median"], rate) < 1e-9


def test_classes_are_told_by_light_and_by_the_nearest_mean() -> None:
    task = a_task((5, 5, 3), (2,), metric="accuracy", activation="softmax")
    labels = np.arange(40) % 2
    pictures = (40 + 100 * labels[:, None, None, None] + np.zeros((40, 5, 5, 3))).astype(np.uint8)
    found = families(task, Pairs(pictures, labels), pictures)
    for family in ("nearest mean", "mean brightness", "mean colour"):
        assert (found[family]["as it is"].argmax(axis=1) == labels).all(), family
    assert set(found["one class"]) == {"0", "1"}


def test_one_probability_is_that_of_class_1(rng: np.random.Generator) -> None:
    task = a_task((6,), (1,), metric="f1", activation="sigmoid", dtype="int32")
    labels = (rng.uniform(size=200) < 0.2).astype(int)
    ids = rng.integers(5, 20, (200, 6)).astype(np.int32)
    ids[:, 0] = np.where(labels == 1, 3, 4)
    found = families(task, Pairs(ids, labels), ids)
    assert found["single word"]["3 means 1"].shape == (200, 1)
    assert (found["single word"]["3 means 1"][:, 0] == labels).all()
    assert (found["majority"][""] == 0).all()


def test_a_length_tells_a_class() -> None:
    task = a_task((10,), (3,), metric="accuracy", activation="softmax", dtype="int32")
    labels = np.arange(90) % 3
    ids = (np.arange(10) < 3 * labels[:, None] + 1).astype(np.int32)
    found = families(task, Pairs(ids, labels), ids)
    assert (found["length"][""].argmax(axis=1) == labels).all()


# -- the line --------------------------------------------------------------------------------


def test_a_line_is_found_whatever_the_units(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(300, 4)) * [1, 1000, 0.001, 1] + [5, 0, 7, 0]
    values = rows @ [[2.0], [0.003], [900], [0]] - 4
    found = linear.predict(a_task((4,), (1,)), Pairs(rows[:200], values[:200]), rows[200:])
    assert off(found, values[200:]) < 0.01


def test_a_line_may_begin_at_the_last_value(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(150, 3, 1)) + rng.uniform(0, 1000, (150, 1, 1))
    targets = rows[:, -1].repeat(2, axis=1)
    task = a_task((3, 1), (2,))
    found = linear.predict(task, Pairs(rows[:100], targets[:100]), rows[100:])
    assert off(found, targets[100:]) < 1e-6


@pytest.mark.parametrize("columns", [5, 4_000])
def test_classes_that_a_line_parts_are_parted(rng: np.random.Generator, columns: int) -> None:
    task = a_task((columns,), (3,), metric="accuracy", activation="softmax")
    labels = np.arange(400) % 3
    rows = rng.normal(size=(400, columns)) + 4 * np.eye(3, columns)[labels] * columns**0.25
    found = linear.predict(task, Pairs(rows[:300], labels[:300]), rows[300:])
    assert np.mean(found.argmax(axis=1) == labels[300:]) > 0.9


def test_words_are_weighed_by_their_classes(rng: np.random.Generator) -> None:
    task = a_task((8,), (1,), metric="accuracy", activation="sigmoid", dtype="int32")
    labels = np.arange(600) % 2
    ids = rng.integers(1, 40, (600, 8)) + 15 * labels[:, None]
    ids[:, 6:] = 0
    found = linear.predict(task, Pairs(ids[:400], labels[:400]), ids[400:])
    assert np.mean((found[:, 0] >= 0.5) == labels[400:]) > 0.9


# -- the best of them ------------------------------------------------------------------------


def test_names_are_numbered_as_suits_a_formula_best() -> None:
    files = {
        **{f"data/train/a/{n}.jpg": jpeg(20) for n in range(3)},
        **{f"data/train/b/{n}.jpg": jpeg(120) for n in range(3)},
        **{f"data/train/c/{n}.jpg": jpeg(220) for n in range(3)},
    }
    # The task counts c, a, b.
    greys = np.array([220, 20, 120, 220, 20])
    hidden = (np.zeros((5, 4, 4, 3)) + greys[:, None, None, None]).astype(np.uint8)
    made = material(files, hidden, np.array([0, 1, 2, 0, 1]), input_scale=1 / 255)
    task = a_task((4, 4, 3), (3,), metric="accuracy", activation="softmax")
    found = dict(best.trivial(task, made, marker(task, made)))
    assert found["mean brightness"].mark.value == 1.0
    assert best.line(task, made, marker(task, made)).mark.value == 1.0


def test_files_of_another_form_leave_the_halves_of_the_hidden_set(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(60, 2))
    made = material({"data/train.bin": b"?"}, rows, rows[:, :1] * 3)
    task = a_task((2,), (1,))
    found = dict(best.trivial(task, made, marker(task, made)))
    assert found["one column"].mark.score == 5
    assert found["one column"].told.startswith("best of 6: column 1")
    assert best.line(task, made, marker(task, made)).mark.score == 5


def test_a_family_without_members_gives_no_row(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(60, 1))
    made = material({"train.npz": packed(x=rows, y=rows[:, 0])}, rows, rows)
    task = a_task((1,), (1,))
    assert "two columns" not in dict(best.trivial(task, made, marker(task, made)))


@pytest.mark.parametrize(
    ("slug", "least", "most"),
    [("straight_line", 5, 5), ("flats", 0, 2), ("flour_beetles", 0, 2), ("wild_bees", 0, 2)],
)
def test_the_line_through_a_task_of_the_bank(slug: str, least: int, most: int) -> None:
    task = Task.read(BUILT_IN / slug)
    made = make_material(task.folder, 101)
    score = best.line(task, made, marker(task, made)).mark.score
    assert score is not None
    assert least <= score <= most
