"""The draw of a submission: what it holds, and what it follows from."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.grading.protocol import Draw
from engine.grading.sampling import LARGEST, draw_for, drawn, secret
from exam_bank.material import Array, HiddenSet


def numbered(targets: Array) -> HiddenSet:
    """A hidden set whose inputs are the numbers of its rows."""
    return HiddenSet(np.arange(len(targets)), targets, input_scale=0.5, baseline=3.0)


def rows(targets: Array, seed: int = 1, largest: int = LARGEST) -> list[int]:
    found = drawn(numbered(targets), Draw(seed, largest))
    assert found.targets.tolist() == targets[found.inputs].tolist()
    return [int(row) for row in found.inputs]


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=300),
    st.integers(0, 2**63 - 1),
    st.integers(1, 200),
)
def test_every_class_has_its_share_and_no_row_comes_twice(
    labels: list[int], seed: int, largest: int
) -> None:
    targets = np.array(labels)
    found = rows(targets, seed, largest)
    size = min(largest, (len(labels) + 1) // 2)
    assert len(found) == len(set(found)) == size
    assert found == sorted(found)
    for each in set(labels):
        share = labels.count(each) * size / len(labels)
        assert abs(int((targets[found] == each).sum()) - share) < 1


def test_values_are_drawn_without_classes() -> None:
    targets = np.linspace(0, 1, 90).reshape(30, 3)
    assert len(set(rows(targets))) == 15
    assert rows(targets, 1) != rows(targets, 2)
    assert rows(targets[:, 0].astype(np.float32), 1) == rows(targets, 1)


def test_the_rest_of_a_hidden_set_stays_as_it_is() -> None:
    found = drawn(numbered(np.zeros(10, np.int64)), Draw(1, LARGEST))
    assert (found.input_scale, found.baseline) == (0.5, 3.0)


def test_a_large_set_gives_a_thousand() -> None:
    assert len(rows(np.repeat(np.arange(10), 800))) == LARGEST


def test_one_models_accuracy_wobbles_as_a_draw_without_replacement_does() -> None:
    targets = np.repeat(np.arange(10), 400)
    right = np.random.RandomState(3).rand(4_000) < 0.9
    share = [right[rows(targets, seed)].mean() for seed in range(300)]
    expected = np.sqrt(0.9 * 0.1 / 1_000 * 3_000 / 3_999)
    assert np.mean(share) == pytest.approx(right.mean(), abs=0.002)
    assert np.std(share) == pytest.approx(expected, rel=0.2)


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
