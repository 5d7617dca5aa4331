"""What the synthetic tasks of numbers and series promise, without training anything."""

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
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import LinearMap, windows
from exam_bank.synthetic.turbine import THROTTLED, Turbine
from exam_bank.task import Task

TABLES = ("flats", "wind_turbine", "courier_trips")
# What one window of a series is, and how many rows of each series a file holds one after
# the other.
SERIES = {"town_load": 17_520, "breathing_spring": 17_520, "shop_sales": 730, "flour_beetles": 81}
SLUGS = ("straight_line", *TABLES, *SERIES)
# Columns that the model does not get.
LABELS = {"time", "branch", "date", "jar", "census"}
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
    return score(relative_mae(slug, seed, predictions), task(slug).says.mark_scheme.hardest)


def table(slug: str, seed: int) -> Floats:
    text = material(slug, seed).files["data/train.csv"].decode()
    header = text.partition("\n")[0].split(",")
    numbers = [place for place, name in enumerate(header) if name not in LABELS]
    return np.loadtxt(
        io.StringIO(text), delimiter=",", skiprows=1, usecols=numbers, dtype=float, ndmin=2
    )


def as_bytes(windows: Floats) -> list[bytes]:
    return [np.ascontiguousarray(row).tobytes() for row in windows.astype(np.float32)]


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
    assert hidden.inputs.min() < rows[:, 0].min() < rows[:, 0].max() < hidden.inputs.max()
    assert not set(as_bytes(rows[:, :1])) & set(as_bytes(hidden.inputs))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_constant_whatever_earns_a_point_on_the_line(seed: int) -> None:
    targets = material("straight_line", seed).hidden.targets
    best = np.full_like(targets, np.median(targets))
    assert points("straight_line", seed, best) == 0


@pytest.mark.parametrize("slug", TABLES)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_linear_model_of_a_table_earns_at_most_two_points(slug: str, seed: int) -> None:
    rows, inputs = table(slug, seed), material(slug, seed).hidden.inputs
    design = np.column_stack([rows[:, :-1], np.ones(len(rows))])
    weights = np.linalg.lstsq(design, rows[:, -1:], rcond=None)[0]
    assert points(slug, seed, np.column_stack([inputs, np.ones(len(inputs))]) @ weights) <= 2


@pytest.mark.parametrize("slug", SERIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_linear_forecast_earns_at_most_three_points(slug: str, seed: int) -> None:
    hidden = material(slug, seed).hidden
    past, ahead = hidden.inputs.shape[1], hidden.targets.shape[1]
    pairs = [windows(each, past, ahead, 1) for each in series(slug, seed)]
    known = [np.concatenate(part) for part in zip(*pairs, strict=True)]
    forecast = LinearMap.fit(known[0], known[1]).predict(hidden.inputs.astype(float))
    assert points(slug, seed, forecast) <= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_what_nobody_throttled_is_for_validation_only_and_lies_on_the_law(seed: int) -> None:
    made = material("wind_turbine", seed)
    text = made.files["data/valid.csv"].decode()
    free = np.loadtxt(io.StringIO(text), delimiter=",", skiprows=1)
    assert free.shape == (500, 8)
    shown = as_bytes(free[:, :-1])
    assert not set(shown) & set(as_bytes(table("wind_turbine", seed)[:, :-1]))
    assert not set(shown) & set(as_bytes(made.hidden.inputs))
    # In one reading of ten the log has far less power than so much wind gives; here never.
    assert low_at_full_wind(free) == 0 < low_at_full_wind(table("wind_turbine", seed))


def low_at_full_wind(log: Floats) -> float:
    """The share of readings in a strong wind that gave less than half of the usual power."""
    strong = (log[:, 0] > 13) & (log[:, 0] < 17) & (np.abs(log[:, 2]) < 10)
    return float(np.mean(log[strong, -1] < 0.5 * np.median(log[strong, -1])))


@pytest.mark.parametrize("slug", TABLES)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_hidden_row_is_among_those_shown(slug: str, seed: int) -> None:
    shown = as_bytes(table(slug, seed)[:, :-1])
    assert not set(shown) & set(as_bytes(material(slug, seed).hidden.inputs))


@pytest.mark.parametrize("slug", SERIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_hidden_window_is_among_those_shown(slug: str, seed: int) -> None:
    hidden = material(slug, seed).hidden.inputs
    half = hidden.shape[1] // 2
    shown = [windows(each, half, 0, 1)[0][:, :, 0] for each in series(slug, seed)]
    assert not set(as_bytes(np.concatenate(shown))) & set(as_bytes(hidden[:, :half, 0]))


def series(slug: str, seed: int) -> list[Floats]:
    """Every series of the candidate's file."""
    rows = table(slug, seed)
    return list(rows.reshape(-1, SERIES[slug], rows.shape[1]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_mean_of_a_throttled_log_earns_at_most_three_points(seed: int) -> None:
    """What the squared error leads to, were the law itself known."""
    turbine = Turbine.draw(Rng(seed, "wind-turbine", "turbine"))
    law = turbine.power(material("wind_turbine", seed).hidden.inputs.astype(float))[:, None]
    assert points("wind_turbine", seed, law) == 5
    # One in ten is cut by five eighths on average.
    assert points("wind_turbine", seed, law * (1 - THROTTLED * 0.625)) <= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_a_linear_model_of_codes_as_switches_does_not_do(seed: int) -> None:
    rows, inputs = table("courier_trips", seed), material("courier_trips", seed).hidden.inputs
    weights = np.linalg.lstsq(switches(rows[:, :-1]), rows[:, -1:], rcond=None)[0]
    assert points("courier_trips", seed, switches(inputs) @ weights) <= 2


def switches(trips: Array) -> Floats:
    """Hour, weekday, district and vehicle as one-hot columns beside the amounts."""
    sizes = (24, 7, 7, 5)
    codes = [np.eye(size)[trips[:, place].astype(int)] for place, size in enumerate(sizes)]
    return np.column_stack([*codes, trips[:, 4:]])


@pytest.mark.parametrize("slug", SLUGS)
def test_a_candidate_never_gets_the_hidden_set(slug: str, tmp_path: Path) -> None:
    material(slug, 0).write(tmp_path / "Category", tmp_path / "hidden")
    files = {path.name for path in (tmp_path / "Category").rglob("*") if path.is_file()}
    assert files == {"train.csv"} | ({"valid.csv"} if slug == "wind_turbine" else set())
