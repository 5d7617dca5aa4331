"""The real tasks of numbers, digits and series: their loaders, on small files of the same form."""

import functools
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.grading.metrics import measure
from exam_bank.catalog import BUILT_IN
from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.material import Array, Material
from exam_bank.preparation import make_material
from exam_bank.real.near import near
from exam_bank.task import Task
from tests.exam_bank.real_fixtures import NAMES, dataset

SEEDS = (0, 1, 2**62 + 5)
SERIES = ("sunspots", "daily-min-temperatures", "us-diesel", "household-power")
each_task = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sets")


@functools.cache
def task(name: str) -> Task:
    return Task.read(BUILT_IN / name.replace("-", "_"))


@functools.cache
def _made(name: str, seed: int, here: Path) -> Material:
    return make_material(task(name).folder, seed, _files(name, here))


@functools.cache
def _files(name: str, here: Path) -> LocalDataset:
    return dataset(name, here / name)


def shown(made: Material) -> dict[str, Array]:
    """The candidate's arrays, or the columns of their CSV file as texts."""
    (content,) = made.files.values()
    if "data/train.npz" in made.files:
        with np.load(io.BytesIO(content)) as file:
            return dict(file)
    head, *rows = [line.split(",") for line in content.decode().splitlines()]
    return dict(zip(head, np.array(rows).T, strict=True))


def points(name: str, made: Material, predictions: Array) -> int:
    says = task(name).says
    return measure(predictions, made.hidden, says.mark_scheme.hardest, says.contract)[1]


@each_task
@pytest.mark.parametrize("seed", SEEDS)
def test_the_hidden_set_fits_the_contract(name: str, seed: int, here: Path) -> None:
    contract, made = task(name).says.contract, _made(name, seed, here)
    hidden = made.hidden
    assert len(hidden.inputs) == len(hidden.targets) > 20
    for axis, wanted in zip(hidden.inputs.shape[1:], contract.input.shape, strict=True):
        assert wanted in ("any", axis)
    assert hidden.inputs.dtype.name in ("float32", "uint8")
    assert np.isfinite(hidden.inputs).all()
    assert np.isfinite(hidden.targets).all()
    assert hidden.baseline > 0
    if hidden.targets.dtype != np.int64:
        assert hidden.targets.shape[1:] == tuple(
            hidden.inputs.shape[1] if axis == "any" else axis for axis in contract.output.shape
        )


@each_task
def test_a_seed_gives_the_same_bytes_and_another_one_others(name: str, here: Path) -> None:
    def content(made: Material) -> tuple[bytes, ...]:
        hidden = made.hidden
        return (*made.files.values(), hidden.inputs.tobytes(), hidden.targets.tobytes())

    again = make_material(task(name).folder, 0, _files(name, here))
    assert content(again) == content(_made(name, 0, here))
    assert len({content(_made(name, seed, here)) for seed in SEEDS}) == len(SEEDS)


@each_task
def test_the_answers_themselves_earn_all_points(name: str, here: Path) -> None:
    made = _made(name, 0, here)
    targets = made.hidden.targets
    if targets.dtype == np.int64:
        targets = np.eye(int(task(name).says.contract.output.shape[0]))[targets]
    assert points(name, made, targets) == 5


@each_task
def test_what_learns_nothing_is_shaped_like_an_answer(name: str, here: Path) -> None:
    made = _made(name, 0, here)
    assert made.trivial
    for label, predictions in made.trivial.items():
        assert len(predictions) == len(made.hidden.targets), label
        if made.hidden.targets.dtype != np.int64:
            assert predictions.shape == made.hidden.targets.shape, label


@each_task
def test_a_candidate_gets_one_file_and_never_the_hidden_set(
    name: str, here: Path, tmp_path: Path
) -> None:
    _made(name, 0, here).write(tmp_path / "Category", tmp_path / "hidden")
    files = {path.name for path in (tmp_path / "Category").rglob("*") if path.is_file()}
    assert files in ({"train.csv"}, {"train.npz"})


@each_task
@pytest.mark.parametrize("brief", ["brief.md", "brief.zh.md"])
def test_a_brief_names_the_contract_the_columns_and_the_source(
    name: str, brief: str, here: Path
) -> None:
    text = (task(name).folder / brief).read_text(encoding="utf-8")
    contract = task(name).says.contract
    for spec in (contract.input, contract.output):
        axes = [str(axis).replace("any", "None") for axis in spec.shape]
        assert f"({axes[0]},)" in text if len(axes) == 1 else f"({', '.join(axes)})" in text
    for column in shown(_made(name, 0, here)):
        assert f"`{column}`" in text
    metric = {
        "accuracy": ("accuracy", "准确率"),
        "balanced_accuracy": ("balanced accuracy", "平衡准确率"),
        "relative_mae": ("relative MAE",),
    }
    assert any(word in text for word in metric[task(name).says.mark_scheme.hardest.metric])
    coarse = ("**coarse**", "**粗略**")
    assert any(word in text for word in coarse) == task(name).says.mark_scheme.hardest.coarse


@pytest.mark.parametrize("name", ["fashion-mnist", "mnist"])
def test_pictures_keep_their_labels_and_lose_what_repeats_a_hidden_one(
    name: str, here: Path
) -> None:
    made = _made(name, 1, here)
    files = _files(name, here)
    images = np.frombuffer(files.payload("train-images-idx3-ubyte")[16:], np.uint8)
    images = images.reshape(-1, 784)
    labels = {each.tobytes(): place % 10 for place, each in enumerate(images)}
    train = shown(made)
    assert len(train["images"]) == len(images) - 1
    assert [labels[each.tobytes()] for each in train["images"]] == train["labels"].tolist()
    assert images[0].tobytes() not in {each.tobytes() for each in train["images"]}
    assert len(made.hidden.inputs) == 24
    assert sorted(made.hidden.targets.tolist()) == sorted(place % 10 for place in range(24))


def test_iris_hides_as_many_of_each_species_and_no_copy(here: Path) -> None:
    for seed in SEEDS:
        made = _made("iris", seed, here)
        assert np.bincount(made.hidden.targets).tolist() == [50, 25]
        columns = shown(made)
        versicolor = columns.pop("versicolor")
        train = np.array([*columns.values()], dtype=np.float32).T
        hidden = made.hidden.inputs
        assert not {each.tobytes() for each in train} & {each.tobytes() for each in hidden}
        assert set(versicolor) == {"0", "1"}
        # By the fixture's law: versicolor is the one in the middle.
        sizes = train.sum(axis=1)
        others = sizes[versicolor == "0"]
        assert others.min() < 14 < sizes[versicolor == "1"].mean() < 18 < others.max()


def test_cars_keep_their_gaps_in_the_file_only(here: Path) -> None:
    made = _made("auto-mpg", 0, here)
    columns = shown(made)
    assert (columns["horsepower"] == "").sum() == 6
    assert made.hidden.inputs.shape == (150, 9)
    assert (made.hidden.inputs[:, 6:].sum(axis=1) == 1).all()
    # By the fixture's law: 4 + 2 * 0 cylinders come from the USA.
    american = made.hidden.inputs[:, 0] == 4
    assert (made.hidden.inputs[american, 6] == 1).all()


@pytest.mark.parametrize("name", ["auto-mpg", "california-housing"])
def test_no_hidden_row_is_nearly_one_of_the_candidates(name: str, here: Path) -> None:
    for seed in SEEDS:
        made = _made(name, seed, here)
        columns = shown(made)
        if name == "auto-mpg":
            whole = columns["horsepower"] != ""
            rows = np.array([*columns.values()][:6])[:, whole].astype(np.float64).T
        else:
            rows = columns["x"].astype(np.float64)
        hidden = made.hidden.inputs[:, : rows.shape[1]].astype(np.float64)
        spread = rows.std(axis=0)
        assert not near(hidden / spread, rows / spread, 1e-3).any()


@pytest.mark.parametrize("name", SERIES)
def test_what_is_hidden_comes_after_the_candidates_rows(name: str, here: Path) -> None:
    made = _made(name, 1, here)
    columns = [*shown(made).values()]
    known = columns[1 if name == "household-power" else 2].astype(np.float64)
    if name == "household-power":
        known = (known - known.min()) / (known - known.min()).max()
    inputs = made.hidden.inputs[..., 0].astype(np.float64)
    past = inputs.shape[1]
    places = np.arange(len(known) - past + 1)[:, None] + np.arange(past)
    assert not near(inputs, known[places], 1e-4).any()
    assert np.isclose(known, inputs[0, 0], atol=1e-6).sum() < past


def test_a_target_of_household_power_begins_where_its_input_ends(here: Path) -> None:
    """What one window asks for is what a later one is given."""
    hidden = _made("household-power", 0, here).hidden
    inputs, targets = hidden.inputs, hidden.targets
    later = inputs.shape[1] // 12
    assert np.array_equal(inputs[later:], targets[:-later])


@pytest.mark.parametrize(
    ("name", "answers", "block"),
    [
        ("sunspots", lambda counts: np.maximum(counts - 0.2, 0), 12),
        ("daily-min-temperatures", lambda nights: np.maximum(10 - nights, 0), 7),
    ],
)
def test_a_target_is_the_mean_of_the_answers_after_its_input(
    name: str, answers: Callable[[Array], Array], block: int, here: Path
) -> None:
    made = _made(name, 0, here)
    _, known, series = shown(made).values()
    assert known.astype(float) == pytest.approx(answers(series.astype(float)), abs=1e-6)
    inputs, targets = made.hidden.inputs[..., 0], made.hidden.targets
    past = inputs.shape[1]
    for place in range(0, len(inputs) - past, 50):
        following = inputs[place + past, :block].astype(np.float64)
        assert targets[place, 0] == pytest.approx(answers(following).mean(), abs=1e-4)


def test_diesel_is_noted_in_three_units_and_asked_for_in_one(here: Path) -> None:
    made = _made("us-diesel", 0, here)
    _, price, noted = shown(made).values()
    ratio = noted.astype(np.float64) / price.astype(np.float64)
    units = {1: 0.59, 1 / 3.785412: 0.35, 1.20095: 0.06}
    near_unit = [np.isclose(ratio, unit, rtol=2e-3) for unit in units]
    assert np.sum(near_unit, axis=0).all()
    assert [each.mean() for each in near_unit] == pytest.approx([*units.values()], abs=0.05)
    inputs, targets = made.hidden.inputs[..., 0], made.hidden.targets
    third = len(inputs) // 3
    assert np.array_equal(targets[:third], targets[third : 2 * third])
    assert not np.array_equal(inputs[:third], inputs[third : 2 * third])
    ratio = inputs[10:third, 0] / targets[: third - 10, 0]
    assert np.min([np.abs(ratio / unit - 1) for unit in units], axis=0).max() < 2e-3


def test_diesel_of_another_paper_is_in_another_currency(here: Path) -> None:
    first = {float(shown(_made("us-diesel", seed, here))["price"][500]) for seed in SEEDS}
    assert len(first) == len(SEEDS)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("mnist", "train-images-idx3-ubyte"),
        ("iris", "iris.csv"),
        ("california-housing", "california_housing.npz"),
        ("household-power", "household_power.zip"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"<html>sign in</html>", b"\0\0\x08\x03" + b"\xff" * 12])
def test_a_file_that_is_something_else_is_said_to_be(
    name: str, file: str, content: bytes, tmp_path: Path
) -> None:
    dataset(name, tmp_path)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(DataError) as said:
        make_material(task(name).folder, 0, LocalDataset.unverified(tmp_path))
    assert "tfexam data verify" in str(said.value)
