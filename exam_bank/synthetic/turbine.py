"""The log of a wind turbine: air and blades in, kilowatts out, and a hand on the brake.

A law of physics whose units meet (metres a second cubed, degrees, hectopascals), with a
trap that real logs have: now and then the grid operator turns the turbine down, and the
log does not say when. Such rows lie far below the law, always on the same side, so their
mean is wrong while their median is nearly right.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import rounded

TURBINE_COLUMNS: Mapping[str, int] = {
    "wind_ms": 2,
    "turbulence_pct": 1,
    "yaw_deg": 1,
    "temp_c": 1,
    "pressure_hpa": 1,
    "humidity_pct": 0,
    "blade_days": 0,
}
"""The columns of a reading in the order of the contract, with their decimals."""

THROTTLED = 0.1
"""The share of logged readings at which the operator had turned the turbine down."""

_GAS, _KELVIN, _NORMAL_AIR = 287.05, 273.15, 1.225
# Five equally likely gusts and lulls within ten minutes, in standard deviations.
_GUSTS = np.array([-1.4, -0.53, 0.0, 0.53, 1.4])


@dataclass(frozen=True)
class Turbine:
    """What differs between turbines; every seed has one of its own, all equally hard."""

    rated_kw: float
    starts_ms: float
    full_ms: float
    storm_ms: float
    yaw_power: float
    grime: float
    grime_days: float
    ice: float

    @classmethod
    def draw(cls, rng: Rng) -> "Turbine":
        """A turbine between the same bounds for all seeds."""
        low = np.array([1900.0, 2.8, 11.6, 18.5, 1.8, 0.16, 55.0, 0.30])
        high = np.array([2500.0, 3.6, 12.8, 20.0, 2.3, 0.22, 80.0, 0.42])
        return cls(*rounded(low + (high - low) * rng.uniform(size=8), 3).tolist())

    def power(self, readings: Floats) -> Floats:
        """Kilowatts that nobody turned down, for `readings` (n, 7): (n,)."""
        wind, turbulence, yaw, temp, pressure, humidity, days = readings.T
        density = 100.0 * pressure / (_GAS * (temp + _KELVIN))
        facing = np.cos(np.deg2rad(yaw)) ** self.yaw_power
        clean = 1.0 - self.grime * (1.0 - np.exp(-days / self.grime_days))
        damp = 1.0 / (1.0 + np.exp(-(humidity - 82.0) / 4.0))
        cold = 1.0 / (1.0 + np.exp(temp / 0.8)) * np.exp(np.minimum(temp, 0.0) / 9.0)
        share = density / _NORMAL_AIR * facing * clean * (1.0 - self.ice * damp * cold)
        felt = wind * np.cbrt(share)
        spread = turbulence / 100.0
        gusts = felt[:, None] * (1.0 + spread[:, None] * _GUSTS)
        storm = np.clip(1.0 - (wind * (1.0 + 1.5 * spread) - self.storm_ms) / 7.0, 0.0, 1.0)
        return np.asarray(self.rated_kw * self._curve(gusts).mean(axis=1) * storm)

    def _curve(self, wind: Floats) -> Floats:
        """The share of full power at a steady wind in normal air."""
        start, full = self.starts_ms**3, self.full_ms**3
        return np.clip((wind**3 - start) / (full - start), 0.0, 1.0)


def readings(rng: Rng, n: int) -> Floats:
    """Draw `n` ten-minute readings: (n, 7) with the columns of `TURBINE_COLUMNS`."""
    wind = np.clip(9.8 * np.sqrt(-np.log(1.0 - rng.uniform(size=n))), 0.3, 27.0)
    turbulence = np.clip(5.0 + 9.0 * rng.uniform(size=n) ** 1.5 + 12.0 / (wind + 2.0), 4.0, 24.0)
    yaw = np.clip(rng.normal(0.0, 13.0, n), -40.0, 40.0)
    temp = np.clip(rng.normal(7.0, 10.0, n), -20.0, 36.0)
    pressure = rng.normal(985.0, 11.0, n)
    humidity = np.clip(82.0 - 0.6 * temp + rng.normal(0.0, 12.0, n), 20.0, 100.0)
    days = np.floor(240.0 * rng.uniform(size=n))
    columns = [wind, turbulence, yaw, temp, pressure, humidity, days]
    pairs = zip(columns, TURBINE_COLUMNS.values(), strict=True)
    return np.stack([rounded(column, digits) for column, digits in pairs], axis=1)


def metered(rng: Rng, power: Floats) -> Floats:
    """What the meter shows for `power`: symmetric errors, more when more is made: (n,)."""
    sd = 10.0 + 0.035 * power
    return rounded(np.maximum(power + sd * rng.normal(size=len(power)), 0.0), 1)


def throttled(rng: Rng, meter: Floats) -> Floats:
    """`meter` with one reading in ten or so cut to a tenth to two thirds."""
    n = len(meter)
    share = np.where(rng.uniform(size=n) < THROTTLED, rng.uniform(0.1, 0.65, n), 1.0)
    return rounded(meter * share, 1)
