"""Flip risk against draws that are taken and marked one by one (`tests/bench/flip_risk.py`)."""

import numpy as np
import pytest

from engine.grading import metrics
from engine.grading.evidence import FlipRisk
from exam_bank.catalog import Catalog
from exam_bank.material import Array, HiddenSet
from exam_bank.preparation import make_material
from exam_bank.task import MarkScheme, MetricName
from tests.bench.flip_risk import brute_force, compare, near_full
from tests.engine.evidence_cases import ACCURACY, MAE, contract, evidence, guesses

POINTS = 0.02
TASKS = {each.id: each for each in Catalog.find().tasks}


def scheme(metric: MetricName) -> MarkScheme:
    return MarkScheme(metric=metric, direction="higher", thresholds=(0.5, 0.6, 0.7, 0.75, 0.8))


def made_up(counts: tuple[int, ...], right: float) -> tuple[Array, HiddenSet]:
    targets = np.repeat(np.arange(len(counts)), counts)
    said = guesses(targets, right, len(counts))
    return said, HiddenSet(np.zeros((len(targets), 1), np.float32), targets)


def risk(said: Array, hidden: HiddenSet, marks: MarkScheme) -> FlipRisk:
    found = evidence(said, hidden, marks, "softmax").flip_risk
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["wild-bees", "reviews", "flats", "flour-beetles", "town-load"])
def test_it_says_what_two_thousand_draws_give(name: str) -> None:
    task = TASKS[name]
    hidden = make_material(task.folder, 1).hidden
    marks, activation = task.says.mark_scheme.hardest, task.says.contract.output.activation
    found = compare(near_full(task, hidden), hidden, marks, activation)
    assert found.apart <= POINTS
    assert sum(found.risk.chances) == pytest.approx(1, abs=1e-3)
    assert 0.3 < found.risk.chances[5] < 0.7  # luck does decide here


@pytest.mark.parametrize(
    ("metric", "counts", "right"),
    [
        ("balanced_accuracy", (60, 90), 0.5),
        ("balanced_accuracy", (1500, 700, 300), 0.68),
        ("f1", (900, 150), 0.8),
        ("accuracy", (80, 40, 30), 0.65),
    ],
)
def test_it_does_so_for_each_metric(
    metric: MetricName, counts: tuple[int, ...], right: float
) -> None:
    said, hidden = made_up(counts, right)
    found = compare(said, hidden, scheme(metric), "softmax")
    assert found.apart <= POINTS
    assert max(found.counted) < 0.98


def test_a_task_without_a_fair_draw_is_told_about_half_of_its_examples() -> None:
    said, hidden = made_up((80, 40, 30), 0.65)
    assert (risk(said, hidden, ACCURACY).fair, risk(said, hidden, ACCURACY).size) == (False, 75)
    said, hidden = made_up((3000, 3000), 0.9)
    found = risk(said, hidden, ACCURACY)
    assert found.fair
    assert 0 < found.size < found.of == 6000


def test_where_every_draw_gives_the_score_nothing_must_move() -> None:
    said, hidden = made_up((3000, 3000), 1.0)
    assert risk(said, hidden, ACCURACY) == FlipRisk(
        size=risk(said, hidden, ACCURACY).size,
        of=6000,
        chances=(0, 0, 0, 0, 0, 1),
        hold=0.0,
        full=0.0,
    )


def test_a_model_without_points_has_none_to_hold() -> None:
    said, hidden = made_up((3000, 3000), 1.0)
    found = risk(1 - said, hidden, ACCURACY)
    assert (found.chances[0], found.hold) == (1.0, None)
    assert found.full is not None
    assert 0.9 < found.full <= 0.95


def test_where_only_the_whole_is_enough_nothing_may_be_wrong() -> None:
    said, hidden = made_up((300, 300), 0.7)
    marks = MarkScheme(metric="accuracy", direction="higher", thresholds=(0.1, 0.2, 0.3, 0.4, 1.0))
    found = evidence(said, hidden, marks, "softmax")
    assert found.flip_risk is not None
    assert found.metric.value is not None
    assert found.flip_risk.full == pytest.approx(1 - found.metric.value, abs=1e-6)


def test_after_the_move_95_of_100_draws_give_full_marks() -> None:
    """Mistakes are mended at random until the metric has moved so far."""
    said, hidden = made_up((3000, 2000), 0.74)
    found = risk(said, hidden, ACCURACY)
    assert found.full
    wrong = np.flatnonzero(said.argmax(axis=1) != hidden.targets)
    mended = np.random.default_rng(1).permutation(wrong)[: round(found.full * len(said))]
    said[mended] = np.eye(2)[np.asarray(hidden.targets)[mended]]
    assert brute_force(said, hidden, ACCURACY, "softmax")[5] == pytest.approx(0.95, abs=POINTS)


def test_after_the_move_95_of_100_draws_give_it_for_errors_too() -> None:
    rng = np.random.default_rng(2)
    targets = rng.normal(size=(600, 1)).astype(np.float32)
    off = rng.exponential(size=(600, 1)).astype(np.float32) * 1.1
    hidden = HiddenSet(np.zeros((600, 1), np.float32), targets)
    found = evidence(targets + off, hidden, MAE)
    assert found.flip_risk is not None
    assert found.flip_risk.full is not None
    assert found.metric.value is not None
    factor = 1 + found.flip_risk.full / found.metric.value
    assert factor < 1
    draws = brute_force(targets + off * factor, hidden, MAE, "linear")
    assert draws[5] == pytest.approx(0.95, abs=POINTS)


def test_a_drawn_part_stands_for_the_whole_set() -> None:
    """Half of a set, measured alone, foretells nearly the same as the whole."""
    from engine.grading import wire
    from engine.grading.marking.evidence_parts import MarkedPart, evidence_of

    said, hidden = made_up((3000, 3000), 0.8)
    part = HiddenSet(hidden.inputs[::2], hidden.targets[::2])
    agreed = contract((1,), (2,), "softmax")
    metric, score = metrics.measure(said[::2], part, ACCURACY, agreed)
    asked = wire.Measure(
        hidden="", draw=None, predictions="", shape=(2,), contract=agreed, mark_scheme=ACCURACY
    )
    found = evidence_of(asked, MarkedPart(said[::2], part, hidden), metric, score).flip_risk
    whole = risk(said, hidden, ACCURACY)
    assert found is not None
    assert (found.size, found.of) == (whole.size, whole.of)
    assert found.chances == pytest.approx(whole.chances, abs=0.35)
