"""What the tasks straight-line, flats and town-load promise, without training anything."""

import functools
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

from engine.marking import score
from exam_bank.catalog import BUILT_IN
from exam_bank.material import Array, Material
from exam_bank.preparation import make_material
from exam_bank.synthetic.rng import Floats
from exam_bank.synthetic.series import windows
from exam_bank.task import Task

SLUGS = ("straight_line", "flats", "town_load")
SEEDS = (0, 1, 2**62 + 5)
pairs = pytest.mark.parametrize(("slug", "seed"), [(s, n) for s in SLUGS for n in SEEDS])


@functools.cache
def material(slug: str, seed: int) -> Material:
    return make_material(BUILT_IN / slug, seed)


@functools.cache
def task(slug: str) -> Task:
    return Task.read(BUILT_IN / slug)


def digest(made: Material) -> str:
    whole = hashlib.sha256()
    for name, content in sorted(made.files.items()):
        whole.update(name.encode() + content)
    whole.update(made.hidden.inputs.tobytes() + made.hidden.targets.tobytes())
    return whole.hexdigest()


def relative_mae(slug: str, seed: int, predictions: Array) -> float:
    hidden = material(slug, seed).hidden
    assert predictions.shape == hidden.targets.shape
    return float(np.abs(predictions - hidden.targets).mean() / hidden.baseline)


def points(slug: str, seed: int, predictions: Array) -> int:
    return score(relative_mae(slug, seed, predictions), task(slug).says.mark_scheme)


def table(slug: str, seed: int) -> Floats:
    text = material(slug, seed).files["data/train.csv"].decode()
    first = 1 if text.startswith("time") else 0
    width = text.partition("\n")[0].count(",") + 1
    return np.loadtxt(
        io.StringIO(text), delimiter=",", skiprows=1, usecols=range(first, width), dtype=float
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(slug: str) -> None:
    assert digest(make_material(BUILT_IN / slug, 1)) == digest(material(slug, 1))
    assert len({digest(material(slug, seed)) for seed in SEEDS}) == len(SEEDS)


@pairs
def test_the_hidden_set_fits_the_contract(slug: str, seed: int) -> None:
    contract, hidden = task(slug).says.contract, material(slug, seed).hidden
    assert hidden.inputs.shape[1:] == contract.input.shape
    assert hidden.targets.shape == (len(hidden.inputs), *contract.output.shape)
    assert hidden.inputs.dtype == hidden.targets.dtype == np.float32
    assert np.isfinite(hidden.inputs).all()
    assert np.isfinite(hidden.targets).all()
    assert hidden.baseline > 0


@pairs
def test_what_learns_nothing_earns_at_most_one_point(slug: str, seed: int) -> None:
    earned = {name: points(slug, seed, each) for name, each in material(slug, seed).trivial.items()}
    assert earned
    assert max(earned.values()) <= 1, earned


@pairs
def test_the_answers_themselves_earn_all_points(slug: str, seed: int) -> None:
    assert points(slug, seed, material(slug, seed).hidden.targets) == 5


@pytest.mark.parametrize("slug", SLUGS)
def test_each_weak_solution_has_its_bound_and_each_text_is_there(slug: str) -> None:
    here = task(slug)
    assert {path.stem for path in here.weak_solutions()} == set(here.says.proof.weak)
    assert here.references()
    for name in ("brief.md", "brief.zh.md", "hints.md"):
        assert len((here.folder / name).read_text(encoding="utf-8")) > 400, name


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("name", ["brief.md", "brief.zh.md"])
def test_a_brief_names_the_contract_and_every_column(slug: str, name: str) -> None:
    brief = (task(slug).folder / name).read_text(encoding="utf-8")
    header = material(slug, 0).files["data/train.csv"].decode().partition("\n")[0]
    for column in header.split(","):
        assert f"`{column}`" in brief
    contract = task(slug).says.contract
    assert str(contract.input.shape) in brief
    assert str(contract.output.shape) in brief
    assert "relative MAE" in brief


@pytest.mark.parametrize("seed", SEEDS)
def test_the_line_goes_on_exactly_beyond_its_readings(seed: int) -> None:
    rows, hidden = table("straight_line", seed), material("straight_line", seed).hidden
    slope, intercept = np.polyfit(rows[:, 0], rows[:, 1], 1)
    assert points("straight_line", seed, slope * hidden.inputs + intercept) == 5
    assert rows[:, 0].max() < hidden.inputs.min()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_constant_whatever_earns_a_point_on_the_line(seed: int) -> None:
    targets = material("straight_line", seed).hidden.targets
    best = np.full_like(targets, np.median(targets))
    assert points("straight_line", seed, best) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_linear_model_of_the_flats_earns_at_most_two_points(seed: int) -> None:
    rows, inputs = table("flats", seed), material("flats", seed).hidden.inputs
    design = np.column_stack([rows[:, :8], np.ones(len(rows))])
    weights = np.linalg.lstsq(design, rows[:, 8:], rcond=None)[0]
    assert points("flats", seed, np.column_stack([inputs, np.ones(len(inputs))]) @ weights) <= 2


@pytest.mark.parametrize("seed", SEEDS)
def test_no_hidden_flat_is_among_those_shown(seed: int) -> None:
    shown = {tuple(row) for row in table("flats", seed)[:, :8].astype(np.float32).tolist()}
    hidden = {tuple(row) for row in material("flats", seed).hidden.inputs.tolist()}
    assert not shown & hidden


@pytest.mark.parametrize("seed", SEEDS)
def test_no_hidden_window_of_the_load_is_among_those_shown(seed: int) -> None:
    shown, _ = windows(table("town_load", seed), past=48, ahead=24, stride=1)
    loads = {row.tobytes() for row in shown[:, :24, 0].astype(np.float32)}
    hidden = material("town_load", seed).hidden.inputs[:, :24, 0]
    assert not any(np.ascontiguousarray(row).tobytes() in loads for row in hidden)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_candidate_never_gets_the_hidden_set(slug: str, tmp_path: Path) -> None:
    material(slug, 0).write(tmp_path / "Category", tmp_path / "hidden")
    files = {path.name for path in (tmp_path / "Category").rglob("*") if path.is_file()}
    assert files == {"train.csv"}
