import numpy as np
import pytest

from exam_bank.errors import DataError
from exam_bank.real import tables
from exam_bank.real.series import Cut, Span, Windows, mean_error
from exam_bank.synthetic.rng import Rng

COUNTING = np.stack([np.arange(10.0), -np.arange(10.0)], axis=1)


def test_windows_hold_what_comes_before_and_what_comes_next() -> None:
    windows = Windows.of(COUNTING, past=3, ahead=2, stride=4)
    assert windows.inputs[..., 0].tolist() == [[0, 1, 2], [4, 5, 6]]
    assert windows.targets[..., 1].tolist() == [[-3, -4], [-7, -8]]


def test_the_last_possible_window_is_used() -> None:
    assert Windows.of(COUNTING, past=6, ahead=4).inputs.shape == (1, 6, 2)


def test_what_learns_nothing_repeats_what_it_saw() -> None:
    windows = Windows.of(COUNTING, past=3, ahead=2, stride=4)
    trivial = windows.trivial(np.array([7.0, 8.0]))
    assert trivial["mean"][1].tolist() == [[7, 8], [7, 8]]
    assert trivial["last value"][1].tolist() == [[6, -6], [6, -6]]
    assert trivial["last values again"][1].tolist() == [[5, -5], [6, -6]]
    assert trivial["mean of the window"][0].tolist() == [[1, -1], [1, -1]]


def test_no_window_is_repeated_that_is_too_short() -> None:
    assert "last values again" not in Windows.of(COUNTING, 2, 3).trivial(np.zeros(2))


def test_least_squares_goes_on_along_a_line() -> None:
    rows = np.arange(60.0)[:, None] + Rng(0, "noise").normal(0, 1e-3, (60, 1))
    seen, asked = Windows.of(rows[:40], 4, 3), Windows.of(rows[20:], 4, 3)
    assert seen.linear(asked, ridge=1e-9) == pytest.approx(asked.targets, abs=0.1)


def test_means_over_blocks_follow_the_window_of_another_series() -> None:
    shown, wanted = COUNTING[:, :1], COUNTING[:, :1] * 10
    windows = Windows.of_means(shown, wanted, past=3, ahead=2, block=3)
    assert windows.inputs[..., 0].tolist() == [[0, 1, 2], [1, 2, 3]]
    assert windows.targets[..., 0].tolist() == [[40, 70], [50, 80]]


def test_a_span_maps_known_rows_to_one_and_later_ones_beyond() -> None:
    span = Span.of(np.array([[2.0, 5.0], [4.0, 5.0]]))
    assert span.scale(np.array([[2.0, 5.0], [4.0, 5.0], [6.0, 6.0]])).tolist() == [
        [0, 0],
        [1, 0],
        [2, 1],
    ]


def test_cuts_stay_between_their_bounds_and_differ() -> None:
    cuts = {Cut.draw(Rng(seed, "cut"), range(5), range(50, 60)) for seed in range(40)}
    assert len(cuts) > 10
    assert {cut.first for cut in cuts} <= set(range(5))
    assert {cut.split for cut in cuts} <= set(range(50, 60))
    known, later = Cut(2, 6).parts(COUNTING)
    assert known[:, 0].tolist() == [2, 3, 4, 5]
    assert later[0, 0] == 6


def test_an_error_is_rounded() -> None:
    assert mean_error(np.array([1.0, 2.0]), np.array([1.0, 2.333333333])) == 0.16667


def test_columns_are_read_by_name_with_quotes_and_gaps() -> None:
    content = b'"a","b",c\n1, 2 ,x\n"3",,y\n4\n'
    columns = tables.read(content, ("b", "a"))
    assert columns == {"b": ["2", ""], "a": ["1", "3"]}
    found = tables.numbers(columns, ("a", "b"))
    assert found[0].tolist() == [1, 2]
    assert np.isnan(found[1, 1])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column a"),
        (b"b\n1\n", "no column a"),
        (b"a\n", "no rows"),
        (b"a\nx\n", "no number"),
    ],
)
def test_a_table_that_is_something_else_is_said_to_be(content: bytes, says: str) -> None:
    with pytest.raises(DataError, match=says):
        tables.numbers(tables.read(content, ("a",)), ("a",))
