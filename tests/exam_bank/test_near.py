import numpy as np
import pytest

from exam_bank.real.near import distinct, near
from exam_bank.real.rows import withhold
from exam_bank.synthetic.rng import Rng


def test_a_copy_and_a_near_copy_are_found_and_a_stranger_is_not() -> None:
    others = np.array([[0.0, 0.0], [10.0, 10.0]])
    rows = np.array([[0.0, 0.0], [10.0, 10.2], [5.0, 5.0]])
    assert near(rows, others, 0.15).tolist() == [True, True, False]
    assert near(rows, others, 0.1).tolist() == [True, False, False]


def test_the_distance_is_a_root_mean_square_and_its_bound_is_near() -> None:
    assert near(np.array([[3.0, 4.0]]), np.zeros((1, 2)), 12.5**0.5).all()
    assert not near(np.array([[3.0, 4.0]]), np.zeros((1, 2)), 3.53).any()


@pytest.mark.parametrize("sketch", [1, 4, 16])
def test_a_sketch_never_changes_the_answer(sketch: int) -> None:
    rng = Rng(0, "pixels")
    others = rng.integers(0, 256, (300, 16)).astype(np.uint8)
    moved = others[:100].astype(np.int64) + rng.integers(-6, 7, (100, 16))
    rows = np.clip(moved, 0, 255).astype(np.uint8)
    exact = [
        min(np.sqrt(np.mean((row.astype(float) - other) ** 2)) for other in others) <= 4.0
        for row in rows
    ]
    assert 10 < sum(exact) < 90
    assert near(rows, others, 4.0, sketch=sketch).tolist() == exact


def test_bytes_do_not_wrap_round() -> None:
    assert not near(np.array([[255]], np.uint8), np.array([[0]], np.uint8), 2.0).any()


def test_nothing_is_near_nothing() -> None:
    assert near(np.zeros((2, 3)), np.zeros((0, 3)), 1.0).tolist() == [False, False]
    assert near(np.zeros((0, 3)), np.zeros((2, 3)), 1.0).tolist() == []


def test_distinct_keeps_the_first_of_those_that_are_near() -> None:
    assert distinct(np.array([[0.0], [1.0], [1.05], [0.0], [2.0]]), 0.1).tolist() == [0, 1, 4]


def test_withheld_rows_are_apart_from_each_other_and_from_the_rest() -> None:
    features = np.repeat(Rng(1, "rows").uniform(size=(30, 3)), 2, axis=0)
    train, hidden = withhold(features, np.arange(60) // 2 % 3, 4, Rng(2, "draw"), within=1e-6)
    assert len(hidden) == 12
    assert np.bincount(hidden // 2 % 3).tolist() == [4, 4, 4]
    assert len({place // 2 for place in hidden.tolist()}) == 12
    assert not set((train // 2).tolist()) & set((hidden // 2).tolist())
    assert len(train) == 60 - 24
