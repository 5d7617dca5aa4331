import numpy as np
import pytest

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import rounded
from exam_bank.synthetic.turbine import (
    THROTTLED,
    TURBINE_COLUMNS,
    Turbine,
    metered,
    readings,
    throttled,
)

CALM = np.array([9.0, 10.0, 0.0, 10.0, 1000.0, 60.0, 0.0])


def power(seed: int = 0, **changed: float) -> float:
    reading = dict(zip(TURBINE_COLUMNS, CALM.tolist(), strict=True)) | changed
    machine = Turbine.draw(Rng(seed, "turbine"))
    return float(machine.power(np.array([list(reading.values())]))[0])


def test_readings_follow_their_stream_and_keep_to_their_units() -> None:
    rows = readings(Rng(1, "a"), 4000)
    assert (rows == readings(Rng(1, "a"), 4000)).all()
    assert (rows != readings(Rng(2, "a"), 4000)).any()
    low, high = rows.min(axis=0), rows.max(axis=0)
    assert (low >= [0.3, 4, -40, -20, 900, 20, 0]).all()
    assert (high <= [27, 24, 40, 36, 1060, 100, 239]).all()
    for column, decimals in zip(rows.T, TURBINE_COLUMNS.values(), strict=True):
        assert (column == rounded(column, decimals)).all()


@pytest.mark.parametrize("seed", range(10))
def test_power_keeps_between_nothing_and_full(seed: int) -> None:
    machine = Turbine.draw(Rng(seed, "turbine"))
    given = machine.power(readings(Rng(seed, "a"), 4000))
    assert given.min() >= 0
    assert 0.95 * machine.rated_kw < given.max() <= machine.rated_kw


@pytest.mark.parametrize("seed", range(5))
def test_the_law_bends_as_the_brief_says(seed: int) -> None:
    usual = power(seed)
    assert power(seed, wind_ms=1.5) == 0
    assert power(seed, wind_ms=14.0) > 3 * power(seed, wind_ms=7.0)
    assert power(seed, wind_ms=25.0) < 0.6 * power(seed, wind_ms=15.0)
    assert power(seed, yaw_deg=25.0) == pytest.approx(power(seed, yaw_deg=-25.0))
    assert power(seed, yaw_deg=25.0) < 0.9 * usual
    assert power(seed, blade_days=200.0) < 0.9 * usual
    assert power(seed, temp_c=-10.0, humidity_pct=60.0) > usual
    assert power(seed, temp_c=-3.0, humidity_pct=98.0) < 0.9 * usual


def cut(meter: Floats) -> Floats:
    return throttled(Rng(3, "brake"), meter)


def test_a_throttled_reading_is_far_below_and_as_many_as_said() -> None:
    meter = np.full(20_000, 1000.0)
    share = cut(meter) / meter
    low = share < 1
    assert low.mean() == pytest.approx(THROTTLED, abs=0.01)
    assert share.min() >= 0.1
    assert share[low].max() <= 0.65


def test_the_meter_scatters_around_the_power() -> None:
    given = np.full(20_000, 1000.0)
    seen = metered(Rng(4, "meter"), given)
    assert np.median(seen) == pytest.approx(1000.0, abs=2)
    assert (seen > 0).all()
    # The trap: the brake moves the mean much farther than the median.
    braked = cut(seen)
    assert 1000 - np.median(braked) < 10
    assert 1000 - braked.mean() > 60
