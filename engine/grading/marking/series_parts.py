"""What the score of a model that forecasts is made of: which steps, which channels, which kind."""

from typing import NamedTuple

import numpy as np

from engine.grading.evidence import (
    MOST_CHANNELS,
    MOST_STEPS,
    MOST_WINDOWS,
    ErrorShares,
    ForecastWindow,
    SeriesEvidence,
)
from engine.grading.marking.small_inputs import finite
from engine.grading.marking.value_parts import error_bins
from exam_bank.material import Array, HiddenSet

_LEVELS = 10
_LEAST_STEPS, _FURTHEST = 4, 3
# A column whose last value is further from the first target than this times the median is not
# the past of that series, or it is on another scale.
_FAR = 2.0


class Forecasts(NamedTuple):
    """Forecasts and targets (windows, steps, channels); `past` is what came before, if known.

    `past` has shape (windows, past steps, channels).
    """

    said: Array
    wanted: Array
    past: Array | None

    @property
    def off(self) -> Array:
        """Forecast minus target."""
        return self.said - self.wanted

    @property
    def held(self) -> Array | None:
        """The last value seen, as a forecast for all steps."""
        if self.past is None:
            return None
        return np.broadcast_to(self.past[:, -1:], self.wanted.shape)


def forecasts(predictions: Array, hidden: HiddenSet) -> Forecasts:
    """What was predicted; predictions and targets are finite and of equal size."""
    shape = predictions.shape if predictions.ndim == 3 else (*predictions.shape, 1, 1)[:3]
    if predictions.ndim > 3:
        shape = (*predictions.shape[:2], -1)
    said = predictions.astype(np.float64).reshape(shape)
    wanted = np.asarray(hidden.targets).astype(np.float64).reshape(said.shape)
    return Forecasts(said, wanted, _past(np.asarray(hidden.inputs), wanted))


def series_parts(found: Forecasts) -> SeriesEvidence:
    """The evidence."""
    off = found.off
    size = np.abs(off)
    held = found.held
    errors, order = _windows(size)
    return SeriesEvidence(
        steps=tuple(finite(size.mean(axis=(0, 2))[:MOST_STEPS])),
        last_value=()
        if held is None
        else tuple(finite(np.abs(held - found.wanted).mean(axis=(0, 2))[:MOST_STEPS])),
        channels=tuple(finite(size.mean(axis=(0, 1))[:MOST_CHANNELS])),
        levels=error_bins(
            found.wanted.mean(axis=1).ravel(), off.mean(axis=1).ravel(), _LEVELS, errors
        ),
        shares=error_shares(found.said, found.wanted),
        worst=tuple(_window(found, errors, place) for place in _apart(order, off.shape)),
        median=_window(found, errors, int(order[len(order) // 2])),
    )


def error_shares(said: Array, wanted: Array) -> ErrorShares | None:
    """How the squared error splits; None for too few steps, or if there is no error."""
    off = said - wanted
    total = float((off**2).mean())
    if off.shape[1] < _LEAST_STEPS or not total > 0:
        return None
    level = min(1.0, float((off.mean(axis=1) ** 2).mean()) / total)
    told, true = (each - each.mean(axis=1, keepdims=True) for each in (said, wanted))
    most = min(_FURTHEST, off.shape[1] // _LEAST_STEPS)
    gains = {by: _gain(told, true, by) for by in range(-most, most + 1) if by}
    steps = max(gains, key=lambda by: gains[by])
    lag = (1 - level) * max(0.0, gains[steps])
    return ErrorShares(level, lag, max(0.0, 1 - level - lag), steps if lag > 0 else 0)


def _gain(said: Array, wanted: Array, by: int) -> float:
    """The share of the squared error that goes if forecasts come `by` steps earlier."""
    steps = said.shape[1] - abs(by)
    late, early = max(by, 0), max(-by, 0)
    now, then = wanted[:, early : early + steps], said[:, late : late + steps]
    before = float(((said - wanted)[:, early : early + steps] ** 2).mean())
    return 1 - float(((then - now) ** 2).mean()) / before if before > 0 else 0.0


def _past(inputs: Array, wanted: Array) -> Array | None:
    """The columns of the inputs that are the past of the targets, if they plainly are."""
    if inputs.ndim != 3:
        return None
    channels = wanted.shape[2]
    columns = np.arange(channels)
    if channels != inputs.shape[2]:
        if channels > 1:
            return None
        last = inputs[:, -1].astype(np.float64)
        columns = np.array([np.abs(last - wanted[:, 0]).mean(axis=0).argmin()])
    last, first = inputs[:, -1, columns].astype(np.float64), wanted[:, 0]
    spread = np.abs(first - np.median(first, axis=0)).mean()
    near = float(np.abs(last - first).mean()) <= _FAR * float(spread)
    return inputs[:, :, columns] if near else None


def _windows(size: Array) -> tuple[Array, Array]:
    """The error of each window and channel, flat, and their order from the worst."""
    errors = size.mean(axis=1).ravel()
    return errors, np.argsort(-errors, kind="stable")


def _apart(order: Array, shape: tuple[int, ...]) -> list[int]:
    """The worst windows that do not overlap: neighbours show the same event again."""
    steps, channels = shape[1], shape[2]
    chosen: list[int] = []
    for place in order[: 50 * MOST_WINDOWS]:
        index, channel = divmod(int(place), channels)
        near = any(
            each % channels == channel and abs(each // channels - index) < steps for each in chosen
        )
        if not near:
            chosen.append(int(place))
        if len(chosen) == MOST_WINDOWS:
            break
    return chosen


def _window(found: Forecasts, errors: Array, place: int) -> ForecastWindow:
    index, channel = divmod(place, found.wanted.shape[2])
    past = () if found.past is None else finite(found.past[index, -MOST_STEPS:, channel])
    return ForecastWindow(
        index=index,
        channel=channel,
        history=tuple(past),
        target=tuple(finite(found.wanted[index, :MOST_STEPS, channel])),
        forecast=tuple(finite(found.said[index, :MOST_STEPS, channel])),
        error=float(errors[place]),
    )
