"""The draw of a submission: what it holds, and what it follows from."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.grading.draw_size import luck
from engine.grading.protocol import Draw
from engine.grading.sampling import draw_for, drawn, secret, size_of_draw
from exam_bank.material import Array, HiddenSet
from exam_bank.task import MarkScheme, MetricName


def numbered(targets: Array) -> HiddenSet:
    """A hidden set whose inputs are the numbers of its rows."""
    return HiddenSet(np.arange(len(targets)), targets, input_scale=0.5, baseline=3.0)


def scheme(full: float = 0.9, metric: MetricName = "accuracy") -> MarkScheme:
    steps = (full - 0.4, full - 0.3, full - 0.2, full - 0.1, full)
    return MarkScheme(metric=metric, direction="higher", thresholds=steps)


MAE = MarkScheme(metric="mae", direction="lower", thresholds=(5, 4, 3, 2, 1))


def rows(targets: Array, seed: int = 1, full: float = 0.9) -> list[int]:
    found = drawn(numbered(targets), Draw(seed), scheme(full))
    assert found is not None
    assert found.targets.tolist() == targets[found.inputs].tolist()
    return [int(row) for row in found.inputs]


@given(
    st.lists(st.integers(0, 4), min_size=400, max_size=600),
    st.integers(0, 2**63 - 1),
    st.floats(0.96, 0.99),
)
def test_every_class_has_its_share_and_no_row_comes_twice(
    labels: list[int], seed: int, full: float
) -> None:
    targets = np.array(labels)
    size = size_of_draw(targets, scheme(full))
    assume(size is not None)
    assert size is not None
    found = rows(targets, seed, full)
    assert len(found) == len(set(found)) == size
    assert found == sorted(found)
    for each in set(labels):
        share = labels.count(each) * size / len(labels)
        assert abs(int((targets[found] == each).sum()) - share) < 1


@pytest.mark.parametrize(
    ("targets", "marks"),
    [
        (np.zeros((4_000, 3), np.float32), MAE),
        (np.repeat([0, 1], 4_000), scheme(metric="f1")),
        (np.repeat([0, 1, 2], 25), scheme()),
        (np.array([], np.int64), scheme()),
    ],
)
def test_what_has_no_fair_draw_is_measured_whole(targets: Array, marks: MarkScheme) -> None:
    assert size_of_draw(targets, marks) is None
    assert drawn(numbered(targets), Draw(1), marks) is None


def test_the_rest_of_a_hidden_set_stays_as_it_is() -> None:
    found = drawn(numbered(np.zeros(4_000, np.int64)), Draw(1), scheme())
    assert found is not None
    assert (found.input_scale, found.baseline) == (0.5, 3.0)


def test_a_rare_class_makes_balanced_accuracy_ask_for_more() -> None:
    even, rare = np.repeat([0, 1], 4_000), np.repeat([0, 1], [7_000, 1_000])
    few, many = (size_of_draw(each, scheme(metric="balanced_accuracy")) for each in (even, rare))
    assert few is not None
    assert many is not None
    assert few < many < 8_000


@pytest.mark.parametrize(("count", "full"), [(4_000, 0.9), (4_255, 0.8), (1_160, 0.95)])
def test_a_point_beside_the_mark_is_misjudged_in_a_tenth_of_the_draws_at_most(
    count: int, full: float
) -> None:
    """Counted over drawn samples, apart from the sums that chose their size."""
    targets = np.repeat(np.arange(10), -(-count // 10))[:count]
    order = np.random.RandomState(3).permutation(count)
    for off, wanted in ((0.01, True), (-0.01, False)):
        right = np.zeros(count, bool)
        right[order[: round((full + off) * count)]] = True
        reached = [right[rows(targets, seed, full)].mean() >= full for seed in range(300)]
        assert np.mean(np.array(reached) != wanted) <= 0.1 + 0.03


@pytest.mark.parametrize(
    ("count", "size", "full", "misses", "reaches"),
    [
        # 4 of 5 right, 2 drawn, both needed: 1 - 4/5 * 3/4; with 3 right 3/5 * 2/4.
        (5, 2, 0.75, 0.4, 0.3),
        (10, 10, 0.85, 0.0, 0.0),
    ],
)
def test_luck_is_the_exact_sum(
    count: int, size: int, full: float, misses: float, reaches: float
) -> None:
    assert luck(count, size, full) == pytest.approx((misses, reaches))


def test_a_draw_follows_from_sitting_task_and_attempt_alone() -> None:
    known = draw_for(7, "2027-01-15-0800-abcd", "flats", 1)
    assert known == draw_for(7, "2027-01-15-0800-abcd", "flats", 1)
    others = {
        draw_for(8, "2027-01-15-0800-abcd", "flats", 1),
        draw_for(7, "2027-01-15-0800-abce", "flats", 1),
        draw_for(7, "2027-01-15-0800-abcd", "hands", 1),
        draw_for(7, "2027-01-15-0800-abcd", "flats", 2),
        known,
    }
    assert len(others) == 5
    assert all(0 <= each.seed < 2**63 for each in others)


def test_the_secret_follows_from_the_file_and_the_inputs_alone(tmp_path: Path) -> None:
    one, other = tmp_path / "one.h5", tmp_path / "other.h5"
    one.write_bytes(b"one")
    other.write_bytes(b"other")
    inputs, changed = np.zeros(9), np.eye(9)[0]
    assert secret(one, inputs) == secret(one, np.zeros(9))
    assert len({secret(one, inputs), secret(other, inputs), secret(one, changed)}) == 3
    large, rest = np.zeros((40, 100_000)), np.eye(40, 100_000)
    assert secret(one, large) != secret(one, rest)
