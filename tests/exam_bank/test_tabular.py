import hashlib

import numpy as np
import pytest

from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.tabular import (
    FLAT_COLUMNS,
    Drift,
    Town,
    asked_prices,
    csv,
    flats,
    rounded,
    strangers,
)


def sha(array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def test_csv_writes_numbers_by_their_decimals_and_text_as_it_is() -> None:
    columns = {"when": np.array(["mon", "tue"]), "a": np.array([1.0, 2.25]), "b": np.array([3, 4])}
    assert csv(columns, {"a": 2, "b": 0}) == b"when,a,b\nmon,1.00,3\ntue,2.25,4\n"


def test_csv_refuses_columns_of_different_length() -> None:
    with pytest.raises(ValueError, match="shorter"):
        csv({"a": np.zeros(2), "b": np.zeros(1)}, {"a": 0, "b": 0})


def test_rounding_leaves_no_negative_zero() -> None:
    assert not np.signbit(rounded(np.array([-0.001, -0.0]), 2)).any()


def test_strangers_are_not_among_those_shown() -> None:
    rows, shown = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]), np.array([[3.0, 4.0]])
    assert strangers(rows, shown, 2).tolist() == [[1, 2], [5, 6]]


@pytest.mark.parametrize("seed", range(20))
def test_a_clock_is_never_right_and_never_steady(seed: int) -> None:
    law = Drift.draw(Rng(seed, "law"))
    assert 4 <= abs(law.offset) <= 9
    assert 0.8 <= abs(law.rate) <= 4
    assert law.at(np.array([0.0, 2.0])).tolist() == [law.offset, law.offset + 2 * law.rate]


def test_clocks_drift_both_ways() -> None:
    laws = [Drift.draw(Rng(seed, "law")) for seed in range(40)]
    signs = {(law.offset > 0, law.rate > 0) for law in laws}
    assert len(signs) == 4


def test_flats_follow_their_stream_alone() -> None:
    again, other = flats(Rng(3, "a"), 500), flats(Rng(4, "a"), 500)
    assert sha(flats(Rng(3, "a"), 500)) == sha(again) != sha(other)


def test_flats_keep_to_their_units() -> None:
    rows = flats(Rng(1, "a"), 4000)
    assert rows.shape == (4000, len(FLAT_COLUMNS))
    low, high = rows.min(axis=0), rows.max(axis=0)
    assert (low >= [24, 1, 0, 0, 300, 1, 35, 0]).all()
    assert (high <= [185, 7, 110, 10, 15000, 7, 82, 1]).all()
    for column, decimals in zip(rows.T, FLAT_COLUMNS.values(), strict=True):
        assert (column == rounded(column, decimals)).all()


@pytest.mark.parametrize("seed", range(10))
def test_every_fair_price_is_positive(seed: int) -> None:
    town = Town.draw(Rng(seed, "town"))
    assert town.fair_prices(flats(Rng(seed, "a"), 4000)).min() > 0


def test_a_lift_turns_the_floor_from_a_burden_into_a_gain() -> None:
    town = Town.draw(Rng(0, "town"))
    low_bare, high_bare, low_lift, high_lift = town.fair_prices(
        np.array([[70, 3, 50, f, 3000, 3, 55, lift] for lift in (0, 1) for f in (2, 6)], float)
    )
    assert high_bare < low_bare
    assert high_lift > low_lift


def test_no_shift_of_the_fair_price_is_a_better_guess() -> None:
    rows = flats(Rng(5, "a"), 20000)
    fair = Town.draw(Rng(5, "town")).fair_prices(rows)
    asked = asked_prices(Rng(5, "p"), rows, fair)
    best = np.abs(asked - fair).mean()
    assert all(np.abs(asked - factor * fair).mean() > best for factor in (0.98, 0.99, 1.01, 1.02))
