import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.marking import MAX_SCORE, passes, score, total_percent
from exam_bank.proof.digits import counted
from exam_bank.task import MarkScheme

FIVE = (st.lists(st.floats(-1e6, 1e6).map(counted), min_size=5, max_size=5, unique=True)).map(
    sorted
)
WEIGHTS = st.dictionaries(st.text(min_size=1), st.floats(0.01, 1e3), min_size=1, max_size=8)


def scheme(thresholds: list[float], *, higher: bool) -> MarkScheme:
    ordered = thresholds if higher else thresholds[::-1]
    return MarkScheme(
        metric="accuracy" if higher else "mae",
        direction="higher" if higher else "lower",
        thresholds=(ordered[0], ordered[1], ordered[2], ordered[3], ordered[4]),
    )


@given(FIVE, st.booleans())
def test_each_threshold_itself_earns_its_points(thresholds: list[float], higher: bool) -> None:
    marks = scheme(thresholds, higher=higher)
    assert [score(value, marks) for value in marks.thresholds] == [1, 2, 3, 4, 5]


@given(FIVE, st.floats(allow_nan=False), st.floats(allow_nan=False), st.booleans())
def test_a_better_metric_never_earns_less(
    thresholds: list[float], one: float, other: float, higher: bool
) -> None:
    marks = scheme(thresholds, higher=higher)
    low, high = sorted((score(one, marks), score(other, marks)))
    assert 0 <= low <= high <= MAX_SCORE
    if math.isfinite(one) and math.isfinite(other) and one != other:
        better = max(one, other) if higher else min(one, other)
        assert score(better, marks) == high


@given(FIVE, st.booleans())
def test_short_of_a_threshold_by_the_sixth_digit_is_short_of_its_point(
    thresholds: list[float], higher: bool
) -> None:
    marks = scheme(thresholds, higher=higher)
    for points, value in enumerate(marks.thresholds):
        short = value - max(abs(value), 1e-300) * 1e-5 * (1 if higher else -1)
        assert score(short, marks) <= points


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("higher", [True, False])
def test_what_is_not_finite_earns_nothing(value: float, higher: bool) -> None:
    assert score(value, scheme([1, 2, 3, 4, 5], higher=higher)) == 0


@given(WEIGHTS)
def test_all_five_is_a_hundred_and_nothing_is_zero(weights: dict[str, float]) -> None:
    assert total_percent(dict.fromkeys(weights, MAX_SCORE), weights) == pytest.approx(100)
    assert total_percent({}, weights) == 0
    assert passes(total_percent(dict.fromkeys(weights, MAX_SCORE), weights))


@given(WEIGHTS, st.data())
def test_a_higher_score_of_one_task_raises_the_total(
    weights: dict[str, float], data: st.DataObject
) -> None:
    scores = {task: data.draw(st.integers(0, MAX_SCORE - 1)) for task in weights}
    task = data.draw(st.sampled_from(sorted(weights)))
    better = {**scores, task: scores[task] + 1}
    assert 0 <= total_percent(scores, weights) < total_percent(better, weights) <= 100 + 1e-9


def test_the_pass_mark_is_ninety_and_rounding_fails_nobody() -> None:
    assert passes(90.0)
    assert passes(90.0 - 1e-12)
    assert not passes(89.99)
    tenths = {str(each): 0.1 for each in range(10)}
    assert passes(total_percent({**dict.fromkeys(tenths, 5), "0": 0}, tenths))


def test_a_paper_without_weights_has_no_total() -> None:
    assert total_percent({}, {}) == 0
