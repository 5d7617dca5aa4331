"""Turns predictions into a metric and its points, with one calculation for grading and proofs.

Whatever shape a model answers in, predictions and targets are compared element by element once
their sizes are known to be equal: numpy's broadcasting would turn (n, 1) against (n,) into a
plausible but wrong number.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import marking
from engine.errors import GraderError, SubmissionRejected
from engine.grading.metric_sentence import describe
from engine.grading.protocol import Message, Metric
from exam_bank.material import HiddenSet
from exam_bank.phrase import phrase
from exam_bank.synthetic.rng import Rng
from exam_bank.task import ERRORS, Activation, Contract, MarkScheme

__all__ = ["describe", "measure"]

Array = NDArray[Any]

_RESAMPLED = 200
# Where an output of width 1 turns from class 0 to class 1: a probability, or a logit.
_CUT = {"sigmoid": 0.5, "softmax": 0.5, "linear": 0.0}


def measure(
    predictions: Array, hidden: HiddenSet, scheme: MarkScheme, contract: Contract
) -> tuple[Metric, int]:
    """The metric of `predictions` on `hidden`, and the points it earns.

    `predictions` has shape (n, *contract.output.shape); (n,) and (n, 1) mean the same.
    If any prediction is not finite, the metric has no value and earns 0 points.
    Raises `SubmissionRejected` when the number of predictions does not match the targets,
    `GraderError` when the hidden set cannot be used.
    """
    predictions, targets = np.asarray(predictions), np.asarray(hidden.targets)
    n = len(targets)
    if not n:
        raise GraderError(phrase("The hidden set has no examples."))
    if predictions.shape[:1] != (n,):
        raise _wrong_shape(predictions, (n, *contract.output.shape))
    if not _finite(predictions):
        return Metric(scheme.metric, None, n), 0
    if scheme.metric in ("mae", "relative_mae"):
        value = _mae(predictions, targets)
    else:
        found = _classes(predictions, targets, contract.output.activation)
        value = _SHARES[scheme.metric](found, targets)
    if scheme.metric == "relative_mae":
        value /= _divisor(hidden)
    return Metric(scheme.metric, value, n), marking.score(value, scheme)


def bootstrap_error(
    predictions: Array, hidden: HiddenSet, metric: str, contract: Contract, *, series: bool
) -> float:
    """How far the metric spreads over hidden sets of this size: its standard error.

    Measures resampled examples. The windows of a `series` overlap their neighbours, so whole
    blocks of them are drawn.
    """
    value_of = _value_of_rows(predictions, hidden, metric, contract)
    n = len(hidden.targets)
    length = math.ceil(math.sqrt(n)) if series else 1
    rng, offsets = Rng(0, "bootstrap"), np.arange(length)
    values = []
    for _ in range(_RESAMPLED):
        starts = rng.integers(0, n - length + 1, -(-n // length))
        values.append(value_of((starts[:, None] + offsets).ravel()[:n]))
    return float(np.std(values))


def _value_of_rows(
    predictions: Array, hidden: HiddenSet, metric: str, contract: Contract
) -> Callable[[Array], float]:
    """The metric as a function of the examples it is measured on."""
    targets = np.asarray(hidden.targets)
    if metric in ERRORS:
        wanted = targets.astype(np.float64).reshape(predictions.shape)
        off = np.abs(predictions.astype(np.float64) - wanted).reshape(len(targets), -1).mean(axis=1)
        divisor = _divisor(hidden) if metric == "relative_mae" else 1.0
        return lambda rows: float(off[rows].mean()) / divisor
    found = _classes(predictions, targets, contract.output.activation)
    return lambda rows: _SHARES[metric](found[rows], targets[rows])


def decision(scheme: MarkScheme, contract: Contract) -> Callable[[Array], Array] | None:
    """What turns predictions into the classes that a mark counts; None where it counts values."""
    if scheme.metric in ("mae", "relative_mae"):
        return None
    return functools.partial(_named, activation=contract.output.activation)


def _finite(predictions: Array) -> bool:
    return bool(np.isfinite(predictions.astype(np.float64, copy=False)).all())


def _classes(predictions: Array, targets: Array, activation: Activation) -> Array:
    """The class that each prediction names, in the shape of `targets`."""
    found = _named(predictions, activation)
    if found.size != targets.size:
        raise _wrong_shape(predictions, (*targets.shape, "classes"))
    return found.astype(np.int64).reshape(targets.shape)


def _named(predictions: Array, activation: Activation) -> Array:
    wide = predictions.ndim > 1 and predictions.shape[-1] > 1
    found: Array = predictions.argmax(axis=-1) if wide else predictions >= _CUT[activation]
    return found


def _accuracy(found: Array, targets: Array) -> float:
    return float(np.mean(found == targets))


def _balanced_accuracy(found: Array, targets: Array) -> float:
    """The share found of each class of the hidden set, averaged over the classes."""
    return float(np.mean([np.mean(found[targets == each] == each) for each in np.unique(targets)]))


def _f1(found: Array, targets: Array) -> float:
    """2·hits / (called + true) of class 1; 0 when there are none of either."""
    called, true = found == 1, targets == 1
    total = int(called.sum()) + int(true.sum())
    return 2 * int((called & true).sum()) / total if total else 0.0


def _mae(predictions: Array, targets: Array) -> float:
    if predictions.size != targets.size:
        raise _wrong_shape(predictions, targets.shape)
    wanted = targets.astype(np.float64).reshape(predictions.shape)
    return float(np.mean(np.abs(predictions.astype(np.float64) - wanted)))


def _divisor(hidden: HiddenSet) -> float:
    if not hidden.baseline > 0:
        raise GraderError(
            phrase(
                "The hidden set's baseline is {baseline}; it must be above 0.",
                baseline=hidden.baseline,
            )
        )
    return hidden.baseline


def _wrong_shape(predictions: Array, wanted: tuple[object, ...]) -> SubmissionRejected:
    return SubmissionRejected(
        "wrong_output_shape",
        Message(
            "The model's predictions have shape {found}, and the task asks for {wanted}: "
            "check its last layers.",
            {"found": _shape(predictions.shape), "wanted": _shape(wanted)},
        ),
    )


def _shape(axes: tuple[object, ...]) -> str:
    return f"({', '.join(map(str, axes))}{',' if len(axes) == 1 else ''})"


_SHARES: dict[str, Callable[[Array, Array], float]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _f1,
}
