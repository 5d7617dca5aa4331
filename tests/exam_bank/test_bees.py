"""Wild bees: the table fits the contract, leaks nothing, and no plane divides its species."""

import csv
from functools import cache

import numpy as np
import pytest

from engine.grading.metrics import measure
from exam_bank.catalog import BUILT_IN
from exam_bank.material import Array, Material
from exam_bank.preparation import make_material
from exam_bank.synthetic import bees
from exam_bank.synthetic.rng import Rng
from exam_bank.task import Task

FOLDER = BUILT_IN / "wild_bees"


@cache
def material(seed: int) -> Material:
    return make_material(FOLDER, seed)


def training_set(seed: int) -> tuple[Array, Array]:
    rows = list(csv.reader(material(seed).files["data/bees.csv"].decode().splitlines()))
    assert rows[0] == [*bees.COLUMNS, "species"]
    labels = [bees.SPECIES.index(row[-1]) for row in rows[1:]]
    return np.array([row[:-1] for row in rows[1:]], dtype=np.float64), np.array(labels)


def test_hidden_set_fits_the_contract() -> None:
    contract = Task.read(FOLDER).says.contract
    hidden = material(5).hidden
    assert hidden.inputs.shape == (6000, *contract.input.shape)
    assert hidden.inputs.dtype == np.float32
    assert np.bincount(hidden.targets).tolist() == [1000] * int(contract.output.shape[0])


def test_measures_are_such_as_bees_have() -> None:
    measured, labels = training_set(5)
    assert np.bincount(labels).tolist() == [500] * 6
    wing, tongue, mass, hair, hum, warmth, day, height = measured.T
    assert 5 < wing.min() < wing.max() < 25
    assert 2 < tongue.min() < tongue.max() < 25
    assert 40 < mass.min() < mass.max() < 1500
    assert 300 < hair.min() < hair.max() < 6000
    assert 60 < hum.min() < hum.max() < 500
    assert 15 < warmth.min() < warmth.max() < 55
    assert 20 < day.min() < day.max() < 330
    assert 200 < height.min() < height.max() < 2000


def test_same_seed_same_bytes_other_seed_another_valley() -> None:
    again = make_material(FOLDER, 5)
    assert again.files == material(5).files
    assert again.hidden.inputs.tobytes() == material(5).hidden.inputs.tobytes()
    one, other = (bees.Valley.draw(Rng(seed, "valley")) for seed in (1, 2))
    assert np.abs(one.mixing - other.mixing).max() > 0.3


def test_no_hidden_bee_is_nearly_a_training_bee() -> None:
    """Distances in standard deviations; the nearest of 18 million pairs is no copy."""
    measured, _ = training_set(5)
    hidden = material(5).hidden.inputs.astype(np.float64)
    spread = measured.std(axis=0)
    train, asked = measured / spread, hidden / spread
    squares = (asked**2).sum(axis=1)[:, None] + (train**2).sum(axis=1) - 2 * asked @ train.T
    assert np.sqrt(squares.min()) > 0.05


def test_trivial_predictors_earn_at_most_one_point() -> None:
    says, made = Task.read(FOLDER).says, material(5)
    for predictions in made.trivial.values():
        assert measure(predictions, made.hidden, says.mark_scheme.hardest, says.contract)[1] <= 1


@pytest.mark.parametrize("seed", [0, 5])
def test_species_have_no_mean_of_their_own(seed: int) -> None:
    """Nearest means, the best straight borders: hardly better than the second threshold."""
    measured, labels = training_set(seed)
    hidden = (material(seed).hidden.inputs - measured.mean(axis=0)) / measured.std(axis=0)
    scaled = (measured - measured.mean(axis=0)) / measured.std(axis=0)
    means = np.stack([scaled[labels == number].mean(axis=0) for number in range(6)])
    within = np.cov((scaled - means[labels]).T)
    nearer = hidden @ np.linalg.solve(within, means.T)
    nearer -= 0.5 * (means * np.linalg.solve(within, means.T).T).sum(axis=1)
    right = np.mean(nearer.argmax(axis=1) == material(seed).hidden.targets)
    assert right < Task.read(FOLDER).says.mark_scheme.hardest.thresholds[1]


def test_forms_of_one_species_lie_as_far_apart_as_can_be() -> None:
    apart = np.abs(bees._GROUPS[:, None] - bees._GROUPS).sum(axis=2)
    assert apart[np.arange(0, 12, 2), np.arange(1, 12, 2)].tolist() == [4.0] * 6
    assert apart[~np.eye(12, dtype=bool)].min() == 2


def test_mixing_turns_without_stretching() -> None:
    mixing = bees.Valley.draw(Rng(3, "valley")).mixing
    assert mixing @ mixing.T == pytest.approx(np.eye(8), abs=1e-3)
