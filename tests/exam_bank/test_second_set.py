"""The second hidden set: other rows of the same world, the same for the same secret."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from exam_bank.catalog import BUILT_IN, Catalog
from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.material import Array, HiddenSet, Material
from exam_bank.paper import Part
from exam_bank.preparation import Order, hidden_name, make_material, material_of, prepare
from exam_bank.second.cut import cut
from exam_bank.second.draws import drawn_again
from exam_bank.synthetic.rng import Rng
from exam_bank.task import Task
from tests.exam_bank.data_here import dataset_of
from tests.exam_bank.real_fixtures import NAMES, dataset

SECRET, OTHER = "5e" * 32, "07" * 32
SEED = 7
DRAWN = [task for task in Catalog.find().tasks if task.says.source == "synthetic"]
REAL = [task for task in Catalog.find().tasks if task.says.source != "synthetic"]
QUICK = ("flats", "courier-trips", "straight-line", "wild-bees", "flour-beetles", "town-load")


def made(task: Task, part: Part, secret: str = "", data: LocalDataset | None = None) -> Material:
    order = Order(task.id, str(task.folder), SEED, "", dataset=data, part=part, secret=secret)
    return material_of(order)


def digest(hidden: HiddenSet) -> str:
    found = hashlib.sha256(np.ascontiguousarray(hidden.inputs).tobytes())
    found.update(np.ascontiguousarray(hidden.targets).tobytes())
    found.update(repr((hidden.baseline, hidden.input_scale)).encode())
    return found.hexdigest()


def rows(inputs: Array) -> set[bytes]:
    return {np.ascontiguousarray(row).tobytes() for row in inputs}


def drawn_tasks() -> list[object]:
    slow = pytest.mark.slow
    return [
        pytest.param(task, id=task.id, marks=() if task.id in QUICK else slow) for task in DRAWN
    ]


@pytest.mark.parametrize("task", drawn_tasks())
def test_a_second_set_is_of_the_same_world_and_shares_no_row(task: Task) -> None:
    whole = make_material(task.folder, SEED)
    second = made(task, "second", SECRET)
    assert dict(second.files) == dict(whole.files)
    assert digest(made(task, "first").hidden) == digest(whole.hidden)
    assert not rows(second.hidden.inputs) & rows(whole.hidden.inputs)
    assert len(second.hidden.inputs) == len(second.hidden.targets)
    assert len(second.hidden.inputs) > 0.75 * len(whole.hidden.inputs)
    assert all(len(each) == len(second.hidden.inputs) for each in second.trivial.values())
    _same_answers(whole.hidden, second.hidden)
    # Neither the patched streams nor the secret outlive the call.
    assert digest(make_material(task.folder, SEED).hidden) == digest(whole.hidden)
    assert digest(made(task, "second", SECRET).hidden) == digest(second.hidden)
    assert digest(made(task, "second", OTHER).hidden) != digest(second.hidden)


def _same_answers(whole: HiddenSet, second: HiddenSet) -> None:
    """Classes have the same numbers; values have about the same mean, by their spread."""
    one, other = np.asarray(whole.targets), np.asarray(second.targets)
    if one.dtype.kind == "i":
        assert set(np.unique(one)) == set(np.unique(other))
        shares = [np.bincount(each, minlength=one.max() + 1) / len(each) for each in (one, other)]
        assert np.abs(shares[0] - shares[1]).max() < 0.05
    else:
        assert abs(one.mean() - other.mean()) < 0.4 * one.std()
        assert 0.7 < second.baseline / whole.baseline < 1.4


@pytest.mark.parametrize("name", NAMES)
def test_real_data_are_cut_in_two_parts(name: str, tmp_path: Path) -> None:
    task = Task.read(BUILT_IN / name.replace("-", "_"))
    data = dataset(name, tmp_path)
    whole = make_material(task.folder, SEED, data)
    first, second = made(task, "first", data=data), made(task, "second", SECRET, data)
    _parts_of_one(whole, first, second)
    assert digest(made(task, "second", OTHER, data).hidden) == digest(second.hidden)


@pytest.mark.slow
@pytest.mark.parametrize("task", REAL, ids=lambda task: task.id)
def test_the_real_data_here_are_cut_in_two_parts(task: Task) -> None:
    data = dataset_of(task)
    whole = make_material(task.folder, SEED, data)
    first, second = made(task, "first", data=data), made(task, "second", SECRET, data)
    _parts_of_one(whole, first, second)
    assert len(second.hidden.inputs) > 0.28 * len(whole.hidden.inputs)
    assert 0.5 < second.hidden.baseline / first.hidden.baseline < 2


def _parts_of_one(whole: Material, first: Material, second: Material) -> None:
    assert dict(first.files) == dict(second.files) == dict(whole.files)
    one, other = rows(first.hidden.inputs), rows(second.hidden.inputs)
    assert one
    assert other
    assert not one & other
    assert one | other <= rows(whole.hidden.inputs)
    assert all(len(each) == len(first.hidden.targets) for each in first.trivial.values())


def test_no_value_of_a_series_is_in_both_parts() -> None:
    """Windows of 24 + 6 values, noted twice: the gap is longer than a window."""
    series = np.arange(400.0)
    starts = np.arange(400 - 30 + 1)[:, None]
    inputs, targets = series[starts + np.arange(24)], series[starts + 24 + np.arange(6)]
    noted = np.concatenate([inputs, -inputs])[..., None]
    hidden = HiddenSet(noted, np.concatenate([targets, targets]), baseline=2.0)
    material = Material({}, hidden, {"zero": np.zeros((len(noted), 6))})
    first, second = (cut(material, 1, part).hidden for part in ("first", "second"))
    values = [
        set(np.abs(each.inputs).ravel()) | set(each.targets.ravel()) for each in (first, second)
    ]
    assert not values[0] & values[1]
    assert len(first.inputs) == len(second.inputs) > 2 * 0.3 * len(inputs)
    # Of a straight line both parts have the same mean, and so the same error of who learns nothing.
    assert first.baseline == pytest.approx(second.baseline, rel=0.02)


def test_rows_of_real_data_are_dealt_out_by_their_answers() -> None:
    targets = Rng(1, "t").integers(0, 3, 301)
    inputs = np.arange(301.0)[:, None]
    material = Material({}, HiddenSet(inputs, targets), {})
    first, second = (cut(material, 5, part).hidden for part in ("first", "second"))
    counts = [np.bincount(each.targets, minlength=3) for each in (first, second)]
    assert np.abs(counts[0] - counts[1]).max() <= 1
    assert sorted(np.concatenate([first.inputs, second.inputs]).ravel()) == list(range(301))
    other = cut(material, 6, "first").hidden
    assert digest(other) != digest(first)


def test_a_row_that_is_told_twice_is_in_one_part() -> None:
    inputs = np.repeat(np.arange(50.0), 2)[:, None]
    material = Material({}, HiddenSet(inputs, np.zeros(100, np.int64)), {})
    first, second = (cut(material, 5, part).hidden for part in ("first", "second"))
    assert not rows(first.inputs) & rows(second.inputs)


def _material(seed: int, *, train: str = "train", hidden: str = "hidden") -> Material:
    shown = Rng(seed, train).uniform(size=8)
    asked = Rng(seed, hidden).uniform(size=(8, 1))
    return Material({"x": shown.tobytes()}, HiddenSet(asked, asked[:, 0]), {})


def test_a_task_whose_hidden_part_has_another_name_is_refused() -> None:
    with pytest.raises(DataError, match="no second hidden set") as caught:
        drawn_again(lambda: _material(1, hidden="asked"), b"s" * 32)
    assert "Rng(seed, 'hidden')" in caught.value.fix


def test_a_task_that_shows_what_the_hidden_streams_give_is_refused() -> None:
    with pytest.raises(DataError, match="training data depend"):
        drawn_again(lambda: _material(1, train="hidden"), b"s" * 32)


def test_the_streams_are_as_before_when_a_task_fails() -> None:
    before = Rng(3, "hidden").uniform()
    calls: list[int] = []

    def once() -> Material:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError
        return _material(1)

    with pytest.raises(RuntimeError):
        drawn_again(once, b"s" * 32)
    assert Rng(3, "hidden").uniform() == before


def test_a_name_tells_hidden_sets_apart_and_no_secret() -> None:
    names = [
        hidden_name("flats", 1),
        hidden_name("flats", 1, "first"),
        hidden_name("flats", 1, "second", SECRET),
        hidden_name("flats", 1, "second", OTHER),
    ]
    assert len(set(names)) == 4
    assert not any(SECRET[:8] in name for name in names)


async def test_a_second_set_is_made_in_a_process_of_its_own(tmp_path: Path) -> None:
    task = Task.read(BUILT_IN / "straight_line")
    folder = tmp_path / "hidden"
    await prepare(
        [Order(task.id, str(task.folder), SEED, str(folder), part="second", secret=SECRET)]
    )
    assert digest(HiddenSet.read(folder)) == digest(made(task, "second", SECRET).hidden)
