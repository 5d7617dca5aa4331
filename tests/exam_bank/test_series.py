import numpy as np
import pytest

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import (
    LOAD_COLUMNS,
    Habits,
    LinearMap,
    Source,
    town_load,
    windows,
)

TRAIN, HIDDEN = 60, 20


def town(seed: int, *, hidden_days: int = HIDDEN, task: str = "t") -> Floats:
    return town_load(Habits.draw(Rng(seed, "habits")), Source(seed, task, TRAIN, hidden_days))


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert town(1).tobytes() == town(1).tobytes()
    assert town(1).tobytes() != town(2).tobytes()


def test_rows_keep_to_their_units() -> None:
    rows = town(3)
    assert rows.shape == ((TRAIN + HIDDEN) * 24, len(LOAD_COLUMNS))
    load, temperature, sun, workday, tomorrow = rows.T
    assert load.min() >= 0.5
    assert np.abs(temperature).max() < 60
    assert sun.min() == 0
    assert sun.max() <= 1
    assert set(workday) | set(tomorrow) == {0.0, 1.0}


def test_workday_next_is_the_next_days_workday() -> None:
    days = town(4)[::24]
    assert (days[:-1, 4] == days[1:, 3]).all()
    assert (days[5::7, 3] == 0).all()
    assert (days[6::7, 3] == 0).all()


def test_the_part_before_the_split_does_not_know_how_long_the_rest_is() -> None:
    # All but the last day, whose workday_next and evening air look across the split.
    before = (TRAIN - 1) * 24
    assert (town(5)[:before] == town(5, hidden_days=7)[:before]).all()


def test_the_hidden_noise_is_not_the_train_streams_going_on() -> None:
    longer = Source(6, "t", TRAIN + HIDDEN, 1).normal("fast", 24)
    split = Source(6, "t", TRAIN, HIDDEN).normal("fast", 24)
    assert (longer[:TRAIN] == split[:TRAIN]).all()
    assert not np.isin(split[TRAIN:], longer[:-1]).any()


def test_windows_hold_what_comes_before_and_what_comes_next() -> None:
    rows = np.stack([np.arange(10.0), -np.arange(10.0)], axis=1)
    inputs, targets = windows(rows, past=4, ahead=2, stride=3)
    assert inputs[:, :, 0].tolist() == [[0, 1, 2, 3], [3, 4, 5, 6]]
    assert inputs[:, :, 1].tolist() == [[0, -1, -2, -3], [-3, -4, -5, -6]]
    assert targets.tolist() == [[4, 5], [7, 8]]


def test_the_last_possible_window_is_used() -> None:
    assert len(windows(np.zeros((6, 1)), past=4, ahead=2, stride=1)[0]) == 1


def test_a_linear_map_finds_a_linear_law() -> None:
    rng = Rng(7, "x")
    inputs = rng.normal(size=(400, 4, 2))
    targets = inputs.reshape(400, 8) @ rng.normal(size=(8, 3)) + 5.0
    fitted = LinearMap.fit(inputs[:300], targets[:300], ridge=1e-9)
    assert fitted.predict(inputs[300:]) == pytest.approx(targets[300:], abs=1e-4)


def test_a_linear_map_bears_a_column_that_never_changes() -> None:
    inputs = Rng(8, "x").normal(size=(50, 2, 2))
    inputs[:, :, 1] = 1.0
    assert np.isfinite(LinearMap.fit(inputs, inputs[:, :1, 0]).predict(inputs)).all()
