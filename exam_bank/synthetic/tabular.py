"""Seeded tables: a clock that drifts along a straight line, and the flats of a town.

Regression tasks whose law is known can be marked against the best possible predictor
instead of a guess at it, and a law that moves with the seed makes a remembered answer
worthless. Everything is rounded at the end: the last bits of exp and log differ between
machines, the bytes of an exam must not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic.rng import Floats, Rng

FLAT_COLUMNS: Mapping[str, int] = {
    "area_m2": 1,
    "rooms": 0,
    "age_years": 0,
    "floor": 0,
    "distance_m": 0,
    "energy_class": 0,
    "noise_db": 1,
    "lift": 0,
}
"""The columns of a flat in the order of the contract, with their decimals."""


def csv(columns: Mapping[str, NDArray[np.generic]], decimals: Mapping[str, int]) -> bytes:
    """A CSV file with header: each column of `columns`, numbers with `decimals` digits.

    A column that `decimals` does not name is written as text.
    """
    written = []
    for name, values in columns.items():
        if name in decimals:
            form = f"%.{decimals[name]}f"
            written.append([form % value for value in values.tolist()])
        else:
            written.append([str(value) for value in values.tolist()])
    lines = [",".join(columns), *map(",".join, zip(*written, strict=True))]
    return ("\n".join(lines) + "\n").encode()


def rounded(values: Floats, decimals: int) -> Floats:
    """`values` rounded half to even, without negative zeros."""
    return np.round(values, decimals) + 0.0


def strangers(rows: Floats, shown: Floats, n: int) -> Floats:
    """The first `n` of `rows` that are not among the rows of `shown`."""
    known = {row.tobytes() for row in shown}
    return rows[[row.tobytes() not in known for row in rows]][:n]


@dataclass(frozen=True)
class Drift:
    """The law of a clock that is wrong: `offset` seconds at day 0, `rate` seconds a day."""

    offset: float
    rate: float

    @classmethod
    def draw(cls, rng: Rng) -> "Drift":
        """A clock that gains or loses 0.8 to 4 s a day and starts 4 to 9 s off, either way."""
        size = rng.uniform(size=2)
        sign = np.where(rng.uniform(size=2) < 0.5, -1.0, 1.0)
        offset = rounded(sign[:1] * (4.0 + 5.0 * size[:1]), 2)
        rate = rounded(sign[1:] * (0.8 + 3.2 * size[1:]), 3)
        return cls(float(offset[0]), float(rate[0]))

    def at(self, days: Floats) -> Floats:
        """Seconds the clock is off after `days`."""
        return self.offset + self.rate * days


@dataclass(frozen=True)
class Town:
    """What moves a town's prices; every seed has a town of its own."""

    euros_per_m2: float
    reach_km: float
    ring_km: float
    ring_gain: float
    age_low: float
    noise_cost: float

    @classmethod
    def draw(cls, rng: Rng) -> "Town":
        """A town between the same bounds for all seeds, so that all are equally hard."""
        low = np.array([5200.0, 3.2, 8.0, 0.26, 48.0, 0.010])
        high = np.array([6800.0, 4.2, 10.5, 0.34, 60.0, 0.013])
        return cls(*rounded(low + (high - low) * rng.uniform(size=6), 4).tolist())

    def fair_prices(self, flats: Floats) -> Floats:
        """The price in thousands that half of all such `flats` (n, 8) stay below: (n,)."""
        area, rooms, age, floor, metres, energy, noise, lift = flats.T
        km = metres / 1000.0
        location = 0.42 + 0.80 * np.exp(-km / self.reach_km)
        location += self.ring_gain * np.exp(-(((km - self.ring_km) / 2.2) ** 2))
        size = area * (1.08 - 0.16 * np.tanh((area - 80.0) / 45.0))
        crowding = 1.0 - 0.035 * (rooms - area / 26.0) ** 2 / (1.0 + 0.15 * rooms)
        period = 0.74 + 0.34 * np.minimum(((age - self.age_low) / 55.0) ** 2, 1.2)
        climb = np.where(lift > 0.5, 0.014 * floor, -0.045 * np.maximum(floor - 1.0, 0.0))
        comfort = 1.0 - 0.022 * (energy - 1.0)
        quiet = 1.0 - self.noise_cost * np.maximum(noise - 50.0, 0.0) * np.where(
            floor < 2, 1.3, 0.8
        )
        price = self.euros_per_m2 / 1000.0 * size * location * crowding * period * comfort
        return np.asarray(price * (1.0 + climb) * quiet, dtype=np.float64)


def flats(rng: Rng, n: int) -> Floats:
    """Draw `n` flats: (n, 8) with the columns of `FLAT_COLUMNS`, in their own units."""
    area = np.clip(np.exp(rng.normal(4.22, 0.36, n)), 24.0, 185.0)
    rooms = np.clip(np.round(area / 26.0 + rng.normal(0.0, 0.8, n)), 1, 7)
    age = np.floor(110.0 * rng.uniform(size=n) ** 1.2)
    floor = np.floor(np.where(age < 60, 11.0, 6.0) * rng.uniform(size=n) ** 1.4)
    metres = np.round(300.0 + 14700.0 * rng.uniform(size=n) ** 1.2, -1)
    energy = np.clip(np.round(1.0 + age / 24.0 + rng.normal(0.0, 1.1, n)), 1, 7)
    noise = np.clip(68.0 - 1.2 * metres / 1000.0 + rng.normal(0.0, 6.0, n), 35.0, 82.0)
    lift = (rng.uniform(size=n) < np.where(floor > 4, 0.8, 0.4)).astype(np.float64)
    columns = [area, rooms, age, floor, metres, energy, noise, lift]
    pairs = zip(columns, FLAT_COLUMNS.values(), strict=True)
    return np.stack([rounded(column, digits) for column, digits in pairs], axis=1)


def asked_prices(rng: Rng, flats: Floats, fair: Floats) -> Floats:
    """What the owners ask for `flats`, in thousands: `fair` with symmetric noise, (n,).

    The noise grows with the distance from the centre. As it is symmetric, `fair` is the
    median of each asked price, hence the predictor of the least possible MAE.
    """
    sd = 0.045 + 0.003 * flats[:, 4] / 1000.0
    return rounded(fair * (1.0 + sd * rng.normal(size=len(fair))), 1)
