"""A town's hourly electricity load with the weather and the calendar that drive it.

What makes it a forecast worth an exam: the shape of a day hangs on tomorrow's calendar,
heating and cooling bend with the temperature, dusk moves with the season, and a plant
starts and stops by a rule nobody tells. Repeating yesterday is poor, a linear map is
fair, and both are known for every seed.

The hidden part is the same town, later. Its noise comes from streams of its own, so that
not even the seed's train part gives away what happens after the split.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import rounded

LOAD_COLUMNS = {"load_mw": 3, "temp_c": 1, "sun": 2, "workday": 0, "workday_next": 0}
"""The columns of a row in the order of the contract, with their decimals."""

_YEAR = 365.25
_HOUR = np.arange(24.0)


class Source:
    """Random numbers for the days before and after a split, from streams named apart."""

    def __init__(self, seed: int, task: str, train_days: int, hidden_days: int) -> None:
        self._parts = (
            (Rng(seed, task, "train"), train_days),
            (Rng(seed, task, "hidden"), hidden_days),
        )
        self.days = train_days + hidden_days

    def normal(self, name: str, per_day: int = 1) -> Floats:
        """Standard normals of the stream `name`: (days, per_day)."""
        drawn = [rng.child(name).normal(size=(days, per_day)) for rng, days in self._parts]
        return np.concatenate(drawn)

    def uniform(self, name: str, per_day: int = 1) -> Floats:
        """Uniforms in [0, 1) of the stream `name`: (days, per_day)."""
        drawn = [rng.child(name).uniform(size=(days, per_day)) for rng, days in self._parts]
        return np.concatenate(drawn)


@dataclass(frozen=True)
class Habits:
    """What differs between towns; every seed has habits of its own, all equally hard."""

    growth: float
    morning: float
    evening: float
    heating: float
    cooling: float
    plant: float

    @classmethod
    def draw(cls, rng: Rng) -> "Habits":
        """Habits between the same bounds for all seeds."""
        low = np.array([0.15, 7.2, 18.6, 0.085, 0.10, 1.2])
        high = np.array([0.35, 8.2, 19.6, 0.100, 0.13, 1.4])
        return cls(*rounded(low + (high - low) * rng.uniform(size=6), 4).tolist())


def town_load(habits: Habits, source: Source) -> Floats:
    """Hourly rows (days * 24, 5) with the columns of `LOAD_COLUMNS`, from a Monday on."""
    workday, workday_next = _calendar(source)
    sun, clear = _sun(source)
    temperature = _temperature(source, clear)
    load = _load(habits, source, workday, sun, temperature)
    hourly = np.ones((1, 24))
    columns = [load, temperature, sun, workday * hourly, workday_next * hourly]
    pairs = zip(columns, LOAD_COLUMNS.values(), strict=True)
    return np.stack([rounded(each.ravel(), digits) for each, digits in pairs], axis=1)


def windows(rows: Floats, past: int, ahead: int, stride: int) -> tuple[Floats, Floats]:
    """Inputs (n, past, columns) and the next `ahead` values of column 0 (n, ahead)."""
    starts = np.arange(0, len(rows) - past - ahead + 1, stride)
    inputs = rows[starts[:, None] + np.arange(past)]
    targets = rows[starts[:, None] + past + np.arange(ahead), 0]
    return inputs, targets


def hours(start: str, n: int) -> NDArray[np.str_]:
    """`n` full hours from `start` ("2023-01-02T00") on, as text without a T."""
    times = np.datetime64(start, "h") + np.arange(n)
    return np.char.replace(np.datetime_as_string(times, unit="m"), "T", " ")


@dataclass(frozen=True)
class LinearMap:
    """The best linear forecast of a window: a yardstick that needs no TensorFlow."""

    mean: Floats
    scale: Floats
    weights: Floats

    @classmethod
    def fit(cls, inputs: Floats, targets: Floats, ridge: float = 1e-3) -> "LinearMap":
        """Least squares of `targets` (n, ahead) on `inputs` (n, past, columns)."""
        flat = inputs.reshape(len(inputs), -1)
        mean, scale = flat.mean(axis=0), flat.std(axis=0) + 1e-6
        design = _with_one((flat - mean) / scale)
        gram = design.T @ design + ridge * len(flat) * np.eye(design.shape[1])
        weights = np.asarray(np.linalg.solve(gram, design.T @ targets), dtype=np.float64)
        return cls(mean, scale, weights)

    def predict(self, inputs: Floats) -> Floats:
        """Forecasts (n, ahead) for `inputs` (n, past, columns)."""
        flat = inputs.reshape(len(inputs), -1)
        return np.asarray(_with_one((flat - self.mean) / self.scale) @ self.weights)


def _with_one(design: Floats) -> Floats:
    return np.hstack([design, np.ones((len(design), 1))])


def _calendar(source: Source) -> tuple[Floats, Floats]:
    """Whether each day, and the day after it, is a workday: (days, 1) each."""
    day = np.arange(source.days + 1)
    holiday = np.append(source.uniform("holidays").ravel() < 0.03, False)
    workday = ((day % 7 < 5) & ~holiday).astype(np.float64)[:, None]
    return workday[:-1], workday[1:]


def _season(days: int, peak_day: float) -> Floats:
    """A yearly cosine with its peak at `peak_day`: (days, 1)."""
    return np.asarray(np.cos(2 * np.pi * (np.arange(days) - peak_day) / _YEAR))[:, None]


def _sun(source: Source) -> tuple[Floats, Floats]:
    """Sunshine as a share of a clear noon in June (days, 24), and the clearness (days, 1)."""
    length = 12.2 + 4.3 * _season(source.days, 171.0)
    phase = np.clip((_HOUR - 12.5) / length, -0.5, 0.5)
    height = np.cos(np.pi * phase) * (0.65 + 0.35 * _season(source.days, 171.0))
    clear = 0.2 + 0.8 / (1.0 + np.exp(-1.5 * carried(source.normal("clouds"), 0.55)))
    flicker = np.clip(1.0 + 0.12 * source.normal("sun", 24), 0.3, 1.5)
    return np.clip(height * clear * flicker, 0.0, 1.0), clear


def _temperature(source: Source, clear: Floats) -> Floats:
    """Degrees Celsius (days, 24): season, weather fronts, warm afternoons of clear days."""
    fronts = 3.0 * carried(source.normal("fronts"), 0.85).ravel()
    hours = np.arange(source.days * 24) / 24.0
    smooth = np.interp(hours, np.arange(source.days), fronts).reshape(-1, 24)
    day = 4.5 * clear * np.cos(2 * np.pi * (_HOUR - 15.0) / 24.0)
    rest = 0.5 * carried(source.normal("air", 24).ravel(), 0.9).reshape(-1, 24)
    return np.asarray(10.5 + 10.0 * _season(source.days, 200.0) + smooth + day + rest)


def _load(h: Habits, source: Source, workday: Floats, sun: Floats, temp: Floats) -> Floats:
    """Megawatts (days, 24)."""
    at_work = 1.3 * _bump(h.morning, 1.6) + 1.2 * _bump(12.5, 4.0) + 0.9 * _bump(h.evening, 1.8)
    at_home = 0.9 * _bump(11.8, 2.4) + 0.8 * _bump(h.evening + 0.6, 2.4)
    awake = workday * (_bump(h.morning, 2.0) + _bump(20.0, 3.0)) + (1 - workday) * _bump(15.0, 5.0)
    dark = np.clip(1.0 - sun / 0.12, 0.0, 1.0)
    felt = carried(temp.ravel(), 0.9, scale=0.1).reshape(-1, 24)
    heating = h.heating * np.maximum(15.0 - felt, 0.0) * (0.55 + 0.75 * np.minimum(awake, 1.0))
    cooling = h.cooling * np.maximum(felt - 17.0, 0.0) ** 1.2 * _bump(15.5, 4.0)
    years = np.arange(source.days)[:, None] / _YEAR
    total = 5.0 + h.growth * years + workday * at_work + (1 - workday) * at_home
    total = total + 0.55 * dark * np.minimum(awake, 1.0) + heating
    total = total + cooling * (0.6 + 0.7 * workday) + h.plant * _plant(source, workday, felt)
    return np.maximum(total + _noise(source), 0.5)


def _plant(source: Source, workday: Floats, felt: Floats) -> Floats:
    """How far the plant runs (days, 24): slow spells on and off, day shifts, not in frost."""
    draws, spell, on = source.uniform("plant").ravel().tolist(), [], True
    for draw in draws:
        on = draw >= 0.06 if on else draw < 0.16
        spell.append(float(on))
    shift = np.clip(np.minimum(_HOUR - 5.0, 22.0 - _HOUR) / 2.0, 0.0, 1.0)
    warm = np.clip((felt + 2.0) / 2.0, 0.0, 1.0)
    return np.asarray(np.array(spell)[:, None] * workday * shift * warm)


def _noise(source: Source) -> Floats:
    """What no forecast can know (days, 24): a slow error, a fast one, rare short cuts."""
    slow = 0.06 * carried(source.normal("slow", 24).ravel(), 0.85).reshape(-1, 24)
    fast = 0.06 * source.normal("fast", 24)
    return slow + fast - 1.2 * (source.uniform("cuts", 24) < 0.002)


def _bump(hour: float, width: float) -> Floats:
    """A bell over the hours of a day, 1 at `hour`, running over midnight: (24,)."""
    away = np.abs(_HOUR - hour)
    return np.asarray(np.exp(-((np.minimum(away, 24.0 - away) / width) ** 2) / 2.0))


def carried(noise: Floats, keep: float, scale: float = 0.0) -> Floats:
    """Each value is `keep` of the one before plus fresh noise (an AR(1) process).

    `scale` multiplies the noise; by default it keeps the variance of `noise`.
    """
    share = scale or (1.0 - keep * keep) ** 0.5
    values, last = [], float(noise.ravel()[0])
    for fresh in noise.ravel().tolist():
        last = keep * last + share * fresh
        values.append(last)
    return np.array(values).reshape(noise.shape)
