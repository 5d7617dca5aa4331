"""Common mistakes about outputs and targets, each as predictions in which it is undone.

Arithmetic on predictions alone, and on targets where a mistake has numbers of its own (a factor,
an order of classes). Such numbers are found on one half of the examples.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.grading.protocol import Fact
from exam_bank.material import Array, HiddenSet
from exam_bank.task import ERRORS, Contract, MarkScheme

# Beyond these, an exponential is no forecast.
_MOST_EXPONENT = 40.0
# A factor within these, with a small offset, is no other unit.
_LEAST_FACTOR, _MOST_FACTOR, _LEAST_OFFSET = 0.67, 1.5, 1.0
# How well outputs must follow targets for a straight line to be their unit.
_LEAST_CORRELATION = 0.6
_LEAST_STEPS = 3


class Mended(NamedTuple):
    """Predictions with one mistake undone; `share` of the error must vanish for it to count."""

    id: str
    predictions: Array
    share: float
    facts: dict[str, Fact] | None = None


def mended(
    predictions: Array, hidden: HiddenSet, scheme: MarkScheme, contract: Contract
) -> Iterator[Mended]:
    """The mistakes about outputs that may have been made, each undone."""
    if scheme.metric in ERRORS:
        found = predictions.astype(np.float64).reshape(hidden.targets.shape)
        yield from _of_values(found, hidden)
    elif predictions.ndim > 1 and predictions.shape[-1] > 1:
        yield from _of_classes(predictions, np.asarray(hidden.targets))
    else:
        yield from _of_one_output(predictions, contract)


def _of_one_output(found: Array, contract: Contract) -> Iterator[Mended]:
    is_linear = contract.output.activation == "linear"
    low, high = float(found.min()), float(found.max())
    if not is_linear and (low < 0.0 or high > 1.0):
        yield Mended("logits", (found >= 0.0).astype(np.float32), 0.2)
    elif is_linear and low >= 0.0 and high <= 1.0:
        yield Mended("probabilities", found - np.float32(0.5), 0.2)
    else:
        yield Mended("other_class", -found if is_linear else 1 - found, 0.3)


def _of_classes(found: Array, targets: Array) -> Iterator[Mended]:
    width = found.shape[-1]
    if width > 2:
        for by in (1, -1):
            yield Mended("labels_shifted", np.roll(found, by, axis=-1), 0.3, {"by": by})
    named = found.argmax(axis=-1).reshape(-1)
    order = _order(named[::2], targets.reshape(-1)[::2], width)
    if order is not None:
        places = np.argsort(order)
        words = ", ".join(f"{at} → {to}" for at, to in enumerate(order) if at != to)
        yield Mended("classes_in_other_order", found[..., places], 0.35, {"order": words})


def _order(named: Array, targets: Array, width: int) -> list[int] | None:
    """Which class each output stands for, if that is another order of the same classes."""
    counts = np.zeros((width, width))
    np.add.at(counts, (named, targets), 1)
    order = [int(row.argmax()) if row.any() else at for at, row in enumerate(counts)]
    is_order = sorted(order) == list(range(width))
    return order if is_order and order != list(range(width)) else None


def _of_values(found: Array, hidden: HiddenSet) -> Iterator[Mended]:
    targets = np.asarray(hidden.targets, dtype=np.float64)
    yield from _exponentials(found, targets)
    last = last_values(hidden)
    if last is not None:
        yield Mended("outputs_as_differences", last + found, 0.35)
        if found.ndim > 1 and found.shape[1] > 1:
            yield Mended("outputs_as_differences", last + found.cumsum(axis=1), 0.35)
    if found.ndim > 1 and found.shape[1] >= _LEAST_STEPS and last is not None:
        later = np.concatenate([found[:, 1:], found[:, -1:]], axis=1)
        yield Mended("forecast_shifted", later, 0.25, {"by": 1})
        first = np.broadcast_to(last, found.shape)[:, :1]
        earlier = np.concatenate([first, found[:, :-1]], axis=1)
        yield Mended("forecast_shifted", earlier, 0.25, {"by": -1})
    yield from _scaled(found, targets)


def _exponentials(found: Array, targets: Array) -> Iterator[Mended]:
    if float(targets.min()) < 0.0 or float(np.abs(found).max()) > _MOST_EXPONENT:
        return
    for power in (np.exp, np.expm1, _power_of_10):
        yield Mended("outputs_logarithmic", power(found), 0.5)


def _power_of_10(values: Array) -> Array:
    return np.power(10.0, values)


def _scaled(found: Array, targets: Array) -> Iterator[Mended]:
    """Each channel's straight line from outputs to targets, where it is another unit."""
    channels = found.shape[-1] if found.ndim > 2 else 1
    out = found.reshape(-1, channels)
    wanted = targets.reshape(-1, channels)
    lines = [_line(out[::2, at], wanted[::2, at]) for at in range(channels)]
    if None in lines:
        return
    factor, offset = np.array(lines, dtype=np.float64).T
    facts: dict[str, Fact] = {"factor": _digits(factor[0]), "offset": _digits(offset[0])}
    yield Mended("outputs_scaled", (out * factor + offset).reshape(found.shape), 0.5, facts)


def _line(out: Array, wanted: Array) -> tuple[float, float] | None:
    spread, level = float(out.std()), float(wanted.std())
    if not spread or not level:
        return None
    factor = float(np.mean((out - out.mean()) * (wanted - wanted.mean()))) / spread**2
    offset = float(wanted.mean() - factor * out.mean())
    is_far = not _LEAST_FACTOR < factor < _MOST_FACTOR or abs(offset) > _LEAST_OFFSET * level
    follows = factor * spread / level >= _LEAST_CORRELATION
    return (factor, offset) if is_far and follows else None


def _digits(value: float) -> float:
    return float(f"{value:.3g}")


def last_values(hidden: HiddenSet) -> Array | None:
    """The last value of each window, shaped to broadcast against targets; None if no windows.

    Of several channels it is the one that the first target continues best.
    """
    inputs = hidden.inputs
    if inputs.ndim != 3 or inputs.dtype.kind != "f":
        return None
    targets = np.asarray(hidden.targets, dtype=np.float64)
    last = np.asarray(inputs[:, -1, :], dtype=np.float64)
    if targets.ndim == 3 and targets.shape[-1] == last.shape[-1]:
        return last[:, None, :]
    first = targets.reshape(len(targets), -1)[:, :1]
    best = int(np.abs(last - first).mean(axis=0).argmin())
    shape = (len(targets), *[1] * (targets.ndim - 1))
    return last[:, best].reshape(shape)
