"""Evidence of made-up predictions, for the tests of its parts."""

from typing import Any

import numpy as np

from engine.grading import metrics, wire
from engine.grading.evidence import Evidence
from engine.grading.marking.evidence_parts import MarkedPart, evidence_of
from exam_bank.material import Array, HiddenSet
from exam_bank.task import Activation, Contract, DType, MarkScheme, OutputSpec, TensorSpec

ACCURACY = MarkScheme(metric="accuracy", direction="higher", thresholds=(0.3, 0.5, 0.7, 0.8, 0.9))
MAE = MarkScheme(metric="mae", direction="lower", thresholds=(5, 4, 3, 2, 1))


def contract(
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
    activation: Activation,
    dtype: DType = "float32",
) -> Contract:
    return Contract(
        input=TensorSpec(shape=inputs, dtype=dtype),
        output=OutputSpec(shape=outputs, activation=activation),
    )


def evidence(
    predictions: Array,
    hidden: HiddenSet,
    scheme: MarkScheme,
    activation: Activation = "linear",
    **asked: Any,
) -> Evidence:
    """The evidence for `predictions` on the whole of `hidden`."""
    agreed = contract(hidden.inputs.shape[1:], predictions.shape[1:] or (1,), activation, **asked)
    metric, score = metrics.measure(predictions, hidden, scheme, agreed)
    measure = wire.Measure(
        hidden="",
        draw=None,
        predictions="",
        shape=predictions.shape[1:],
        contract=agreed,
        mark_scheme=scheme,
        task="made-up",
    )
    return evidence_of(measure, MarkedPart(predictions, hidden, hidden), metric, score)


def guesses(targets: Array, right: float, classes: int, seed: int = 0) -> Array:
    """Probabilities (n, classes) whose likeliest class is right in about the share `right`."""
    rng = np.random.default_rng(seed)
    named = np.where(
        rng.random(len(targets)) < right, targets, rng.integers(0, classes, len(targets))
    )
    shares = rng.random((len(targets), classes)) * 0.5
    shares[np.arange(len(targets)), named] += 0.6
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)
