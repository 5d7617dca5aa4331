"""Mistakes that a training log shows by itself. Pure.

The log is the candidate's, and that of the latest training in the folder; so whoever asks sees
to it that it belongs to the model.
"""

import itertools
import math
from collections.abc import Iterator, Sequence

from engine.grading.diagnosis import Diagnosis
from engine.grading.protocol import Metric
from engine.machine.curves import Curve, Pair

_LEAST_EPOCHS = 3
# The loss ends this many times as high as it was at its lowest, or did not move this much.
_JUMP, _STILL = 3.0, 0.01
# The validation loss ends this much above its lowest, which was in this part of the epochs.
_RISE, _EARLY, _FEWEST_AFTER = 1.15, 0.7, 3
# The loss falls by this share in each of the last epochs.
_FALLING, _LAST = 0.04, 3
# A loss below this share of its first is learned by heart.
_LEARNED = 0.1
# Validation is this much better than the hidden data, in standard errors and by itself.
_ERRORS, _LEAST_DIFFERENCE = 5.0, 0.08
_SHARES = ("accuracy", "acc", "sparse_categorical_accuracy", "binary_accuracy")


def training_mistakes(curve: Curve, metric: Metric | None = None) -> tuple[Diagnosis, ...]:
    """What the training of `curve` did wrong; `metric` is what its model was measured at."""
    found = [*_of_curve(curve)]
    if metric is not None:
        found.extend(_too_good(curve.pairs, metric))
    return tuple(found)


def _of_curve(curve: Curve) -> Iterator[Diagnosis]:
    loss = next((each for each in curve.pairs if each.name == "loss"), None)
    if loss is not None and len(loss.training.values) >= _LEAST_EPOCHS:
        yield from _of_loss(loss, curve.epochs)
    elif "loss" in curve.numberless:
        yield _jumped("NaN", curve.epochs[0])


def _of_loss(loss: Pair, epochs: Sequence[int]) -> Iterator[Diagnosis]:
    values = loss.training.values
    known = [each for each in values if each is not None]
    if (jump := _jump(values, epochs)) is not None:
        yield jump
    elif abs(known[0] - known[-1]) <= _STILL * abs(known[0]) and _is_still(known):
        yield Diagnosis(id="training_never_moved", facts={"epochs": len(epochs)})
    elif (over := _overfits(loss, epochs)) is not None:
        yield over
    elif _falls(known) and (loss.validation is None or _falls(_known(loss.validation.values))):
        yield Diagnosis(id="stopped_early", facts={"epochs": len(epochs)})


def _jump(values: Sequence[float | None], epochs: Sequence[int]) -> Diagnosis | None:
    """A loss that is no number, or that ends far above its lowest and above its first."""
    for at, value in enumerate(values):
        if value is None:
            return _jumped("NaN", epochs[at])
    known = _known(values)
    lowest = min(known)
    is_up = known[-1] > known[0] and known[-1] >= _JUMP * max(lowest, 1e-12)
    if not is_up or lowest <= 0:
        return None
    at = next(i for i, each in enumerate(known) if each >= _JUMP * lowest and i > 0)
    return _jumped(f"{known[at]:.3g}", epochs[at])


def _jumped(to: str, epoch: int) -> Diagnosis:
    return Diagnosis(id="learning_rate_too_high", facts={"to": to, "epoch": epoch})


def _is_still(known: Sequence[float]) -> bool:
    return max(known) - min(known) <= 2 * _STILL * abs(known[0])


def _overfits(loss: Pair, epochs: Sequence[int]) -> Diagnosis | None:
    if loss.validation is None:
        return None
    values = [math.inf if each is None else each for each in loss.validation.values]
    best = min(range(len(values)), key=values.__getitem__)
    after = len(values) - 1 - best
    is_long_past = after >= _FEWEST_AFTER and best + 1 <= _EARLY * len(values)
    trained = loss.training.values
    first, last = trained[best], trained[-1]
    fell = first is not None and last is not None and last < first
    if is_long_past and fell and values[-1] >= _RISE * values[best] > 0:
        return Diagnosis(id="overfitting", facts={"epoch": epochs[best] + 1})
    return None


def _falls(known: Sequence[float]) -> bool:
    """Whether each of the last epochs took a good part of the loss away."""
    last = known[-_LAST - 1 :]
    if len(last) < _LAST or min(last) <= 0 or last[-1] < _LEARNED * known[0]:
        return False
    steps = itertools.pairwise(last)
    return all(later <= earlier * (1 - _FALLING) for earlier, later in steps)


def _too_good(pairs: Sequence[Pair], metric: Metric) -> Iterator[Diagnosis]:
    if metric.name != "accuracy" or metric.value is None:
        return
    for pair in pairs:
        if pair.name in _SHARES and pair.validation and (told := pair.validation.last) is not None:
            error = math.sqrt(max(metric.value * (1 - metric.value), 1e-4) / max(metric.n, 1))
            if told - metric.value > max(_LEAST_DIFFERENCE, _ERRORS * error):
                facts = {"validation": f"{told:.3f}", "hidden": f"{metric.value:.3f}"}
                yield Diagnosis(id="validation_too_good", facts=dict(facts))
                return


def _known(values: Sequence[float | None]) -> list[float]:
    return [each for each in values if each is not None]
