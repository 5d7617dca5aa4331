import numpy as np
import pytest

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import Source
from exam_bank.synthetic.shop import BRANCHES, KNOWN_AHEAD, SALES_COLUMNS, Custom, branch_sales

TRAIN, HIDDEN = 200, 60


def rows(seed: int, branch: int = 1, hidden_days: int = HIDDEN) -> Floats:
    custom = Custom.draw(Rng(seed, "custom"))
    return branch_sales(custom, Source(seed, "t", TRAIN, hidden_days), branch)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert rows(1).tobytes() == rows(1).tobytes()
    assert rows(1).tobytes() != rows(2).tobytes()


@pytest.mark.parametrize("branch", range(BRANCHES))
def test_rows_keep_to_their_units(branch: int) -> None:
    table = rows(3, branch)
    assert table.shape == (TRAIN + HIDDEN, len(SALES_COLUMNS))
    sales, weekday, promo, promo_ahead, open_ahead = table.T
    assert (sales == np.round(sales)).all()
    assert sales.min() == 0
    assert weekday[:8].tolist() == [0, 1, 2, 3, 4, 5, 6, 0]
    assert set(promo) | set(promo_ahead) <= {0, 10, 20, 30}
    assert set(open_ahead) <= {0, 1}


def test_the_plan_is_what_comes() -> None:
    sales, _, promo, promo_ahead, open_ahead = rows(4).T
    assert (promo_ahead[:-KNOWN_AHEAD] == promo[KNOWN_AHEAD:]).all()
    assert ((sales[KNOWN_AHEAD:] == 0) == (open_ahead[:-KNOWN_AHEAD] == 0)).all()


def test_a_third_of_the_branches_rests_on_sundays_and_all_on_holidays() -> None:
    shut = np.stack([rows(5, branch)[:, 0] == 0 for branch in range(BRANCHES)])
    sundays = np.arange(TRAIN + HIDDEN) % 7 == 6
    resting = shut[:, sundays].mean(axis=1) == 1
    assert resting.sum() == BRANCHES // 3
    others = shut[:, ~sundays]
    assert (others == others[0]).all()
    assert others.any()


def test_promotions_multiply_and_are_paid_for_afterwards() -> None:
    custom = Custom.draw(Rng(6, "custom"))
    promo, opened = np.zeros(40), np.ones(40)
    promo[14:19] = 20
    usual, lifted = custom.wanted(np.zeros(40), opened), custom.wanted(promo, opened)
    assert (lifted[:14] == usual[:14]).all()
    assert lifted[14] > 1.5
    assert (np.diff(lifted[15:18]) < 0).all()
    assert lifted[19] < 0.8
    assert lifted[38] == pytest.approx(1.0, abs=0.05)
    promo[14:19] = 10
    assert lifted[14] - 1 > 2 * (custom.wanted(promo, opened)[14] - 1)


def test_the_part_before_the_split_does_not_know_how_long_the_rest_is() -> None:
    # All but the days whose plan looks across the split.
    before = TRAIN - KNOWN_AHEAD
    assert (rows(7)[:before] == rows(7, hidden_days=20)[:before]).all()
