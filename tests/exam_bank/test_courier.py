import numpy as np
import pytest

from exam_bank.synthetic.courier import DISTRICTS, TRIP_COLUMNS, VEHICLES, City, taken, trips
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.tabular import rounded

TRIP = {"hour": 11, "weekday": 2, "district": 1, "vehicle": 1, "km": 4, "parcels": 2, "rain_mm": 0}


def minutes(city: City, **changed: float) -> float:
    return float(city.minutes(np.array([list((TRIP | changed).values())], dtype=float))[0])


def test_trips_follow_their_stream_and_keep_to_their_units() -> None:
    rows = trips(Rng(1, "a"), 6000)
    assert (rows == trips(Rng(1, "a"), 6000)).all()
    assert (rows != trips(Rng(2, "a"), 6000)).any()
    codes = [set(column.tolist()) for column in rows.T[:4]]
    assert codes[0] == set(range(24))
    assert codes[1] == set(range(7))
    assert codes[2] == set(range(1, DISTRICTS + 1))
    assert codes[3] == set(range(1, VEHICLES + 1))
    for column, decimals in zip(rows.T, TRIP_COLUMNS.values(), strict=True):
        assert (column == rounded(column, decimals)).all()


@pytest.mark.parametrize("seed", range(8))
def test_every_trip_takes_time(seed: int) -> None:
    rows = trips(Rng(seed, "a"), 3000)
    assert City.draw(Rng(seed, "city")).minutes(rows).min() > 1


def test_cities_share_their_numbers_and_not_their_order() -> None:
    one, other = (City.draw(Rng(seed, "city")) for seed in (0, 1))
    assert sorted(one.rush) == sorted(other.rush)
    assert one.rush.tolist() != other.rush.tolist()
    assert len({tuple(City.draw(Rng(seed, "city")).speed) for seed in range(30)}) > 10


@pytest.mark.parametrize("seed", range(5))
def test_a_market_day_holds_up_its_own_district_in_the_morning(seed: int) -> None:
    city = City.draw(Rng(seed, "city"))
    for place, day in enumerate(city.market_day):
        there = {"district": place + 1, "km": 0}
        market, other, evening = (
            minutes(city, **there, weekday=weekday, hour=hour)
            for weekday, hour in ((day, 9), ((day + 1) % 7, 9), (day, 20))
        )
        assert other == evening
        assert market - other == pytest.approx(1.2 * city.door_minutes[place])


def test_around_midnight_hours_are_neighbours() -> None:
    city = City.draw(Rng(2, "city"))
    car = int(np.argmax(city.stuck)) + 1
    night = [minutes(city, hour=hour, weekday=5, vehicle=car) for hour in (22, 23, 0, 1, 4)]
    assert night[1] > night[4]
    assert night[2] > night[4]
    assert abs(night[2] - night[1]) < night[1] - night[4]


def test_no_shift_of_the_expected_minutes_is_a_better_guess() -> None:
    rows = trips(Rng(5, "a"), 20_000)
    expected = City.draw(Rng(5, "city")).minutes(rows)
    took = taken(Rng(5, "luck"), expected)
    best = np.abs(took - expected).mean()
    assert all(np.abs(took - factor * expected).mean() > best for factor in (0.98, 0.99, 1.01))
