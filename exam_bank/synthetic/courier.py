"""A courier's trips: clock, weekday and codes that are numbers but measure nothing.

District 4 is not between 3 and 5, 23 o'clock is a neighbour of 0, and every district has
a market day of its own: whoever feeds the codes in as if they were amounts stays behind
whoever encodes them inside the model.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import rounded

TRIP_COLUMNS: Mapping[str, int] = {
    "hour": 0,
    "weekday": 0,
    "district": 0,
    "vehicle": 0,
    "km": 2,
    "parcels": 0,
    "rain_mm": 1,
}
"""The columns of a trip in the order of the contract, with their decimals."""

DISTRICTS, VEHICLES = 6, 4


@dataclass(frozen=True)
class City:
    """What a courier of one city knows by heart: a number for each code.

    Each city has the same numbers in an order of its own, so all are equally hard.
    """

    rush: Floats
    detour: Floats
    door_minutes: Floats
    market_day: Floats
    speed: Floats
    stuck: Floats
    wet: Floats
    handling: Floats
    peaks: Floats

    @classmethod
    def draw(cls, rng: Rng) -> "City":
        """A city whose codes come in random order."""
        kinds = rng.child("vehicles").permutation(VEHICLES)
        return cls(
            rush=_dealt(rng.child("rush"), 0.05, 0.75),
            detour=_dealt(rng.child("detour"), 0.85, 1.45),
            door_minutes=_dealt(rng.child("doors"), 1.0, 9.0),
            market_day=rng.child("market").integers(0, 7, DISTRICTS).astype(np.float64),
            speed=np.array([15.0, 24.0, 30.0, 36.0])[kinds],
            stuck=np.array([0.1, 0.4, 1.0, 1.2])[kinds],
            wet=np.array([0.30, 0.45, 0.10, 0.15])[kinds],
            handling=np.array([0.5, 0.9, 1.5, 2.2])[kinds],
            peaks=rounded(rng.child("peaks").uniform(-0.7, 0.7, 2), 2),
        )

    def minutes(self, trips: Floats) -> Floats:
        """The minutes that half of all such `trips` (n, 7) stay below: (n,)."""
        hour, weekday, district, vehicle, km, parcels, rain = trips.T
        place, kind = district.astype(int) - 1, vehicle.astype(int) - 1
        slower = 1.0 + self._traffic(hour, weekday) * self.rush[place] * self.stuck[kind]
        slower += self.wet[kind] * (1.0 - np.exp(-rain / 1.5))
        driving = 60.0 * km * self.detour[place] / self.speed[kind] * slower
        market = (weekday == self.market_day[place]) & (hour >= 7) & (hour < 14)
        doors = self.door_minutes[place] * np.where(market, 2.2, 1.0)
        doors *= np.where((hour < 6) | (hour >= 22), 0.6, 1.0)
        return np.asarray(driving + doors + self.handling[kind] * parcels**0.8)

    def _traffic(self, hour: Floats, weekday: Floats) -> Floats:
        """How thick the traffic is: two rush hours on workdays, late evenings from Friday on."""
        morning, evening = 8.0 + self.peaks[0], 17.5 + self.peaks[1]
        workday = _bell(hour, morning, 1.3) + 1.1 * _bell(hour, evening, 1.7)
        workday += 0.35 * _bell(hour, 13.0, 3.0)
        late = 0.9 * _bell(hour, 23.6, 1.5) * (weekday >= 4)
        return np.asarray(np.where(weekday < 5, workday, 0.7 * _bell(hour, 15.0, 3.0)) + late)


def trips(rng: Rng, n: int) -> Floats:
    """Draw `n` trips: (n, 7) with the columns of `TRIP_COLUMNS`, in their own units."""
    hour = np.floor(24.0 * rng.uniform(size=n))
    weekday = rng.integers(0, 7, n).astype(np.float64)
    district = 1.0 + rng.integers(0, DISTRICTS, n)
    vehicle = 1.0 + rng.choice(VEHICLES, n, (0.3, 0.2, 0.3, 0.2))
    km = 0.4 + 7.6 * rng.uniform(size=n) ** 1.4
    parcels = 1.0 + np.floor(9.0 * rng.uniform(size=n) ** 2)
    rain = np.where(rng.uniform(size=n) < 0.7, 0.0, 0.1 + 5.0 * rng.uniform(size=n) ** 2)
    columns = [hour, weekday, district, vehicle, km, parcels, rain]
    pairs = zip(columns, TRIP_COLUMNS.values(), strict=True)
    return np.stack([rounded(column, digits) for column, digits in pairs], axis=1)


def taken(rng: Rng, minutes: Floats) -> Floats:
    """What trips of `minutes` took: symmetric luck, so that `minutes` is the median, (n,)."""
    return rounded(minutes * (1.0 + 0.07 * rng.normal(size=len(minutes))), 1)


def _dealt(rng: Rng, low: float, high: float) -> Floats:
    """Evenly spaced numbers, one a district, in random order."""
    return rounded(np.linspace(low, high, DISTRICTS), 4)[rng.permutation(DISTRICTS)]


def _bell(hour: Floats, peak: float, width: float) -> Floats:
    """A bell over the clock, 1 at `peak`, running over midnight."""
    away = np.abs(hour - peak)
    return np.asarray(np.exp(-((np.minimum(away, 24.0 - away) / width) ** 2) / 2.0))
