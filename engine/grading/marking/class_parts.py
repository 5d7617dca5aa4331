"""What the score of a model that names classes is made of: what it takes for what, how surely."""

from typing import NamedTuple, Self

import numpy as np

from engine.grading.evidence import (
    MOST_CLASSES,
    MOST_EXAMPLES,
    CalibrationBin,
    ClassEvidence,
    ClassExample,
)
from engine.grading.marking.small_inputs import shown
from exam_bank.material import Array
from exam_bank.task import Activation, Contract

_BINS = 10


class Answers(NamedTuple):
    """One row for each answer: class, class named, and the probability of each class.

    Where an example has several answers (`each`), they stand one after the other.
    """

    targets: Array
    named: Array
    shares: Array
    each: int

    @classmethod
    def of(cls, predictions: Array, targets: Array, named: Array, activation: Activation) -> Self:
        """The answers; `named` has the shape of `targets`."""
        shares = shares_of(predictions, activation)
        each = targets.size // len(targets)
        flat = shares.reshape(targets.size, -1)
        return cls(targets.ravel().astype(np.int64), named.ravel().astype(np.int64), flat, each)

    @property
    def confidence(self) -> Array:
        """The probability of each class named."""
        return self.of_class(self.named)

    def of_class(self, classes: Array) -> Array:
        """The probability of one class for each answer; 0 for classes the model does not know."""
        known = (classes >= 0) & (classes < self.shares.shape[1])
        found = self.shares[np.arange(len(classes)), np.where(known, classes, 0)]
        return np.where(known, found, 0.0)


def shares_of(predictions: Array, activation: Activation) -> Array:
    """Probabilities (…, classes), where one output of width 1 stands for class 1 of two.

    Outputs that cannot be probabilities are taken for logits.
    """
    wide = predictions.ndim > 1 and predictions.shape[-1] > 1
    raw = predictions.astype(np.float64)
    logits = activation == "linear" or bool(raw.min() < 0 or raw.max() > 1 + 1e-6)
    if not wide:
        raw = raw if predictions.ndim > 1 else raw[..., None]
        one = 1 / (1 + np.exp(-np.clip(raw, -500, 500))) if logits else raw
        return np.concatenate([1 - one, one], axis=-1)
    if logits:
        raw = np.exp(raw - raw.max(axis=-1, keepdims=True))
    total = raw.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(total > 0, raw / np.where(total > 0, total, 1), 1 / raw.shape[-1]))


def class_parts(answers: Answers, inputs: Array, contract: Contract) -> ClassEvidence:
    """The evidence; `inputs` are those of the hidden set."""
    width = answers.shares.shape[1]
    classes, others = _classes(answers.targets, width)
    table = confusion(answers, classes, others=others)
    wrong = np.flatnonzero(answers.named != answers.targets)
    sure = wrong[np.argsort(-answers.confidence[wrong], kind="stable")[:MOST_EXAMPLES]]
    calibration = _calibration(answers)
    count = len(answers.targets)
    return ClassEvidence(
        classes=tuple(int(each) for each in classes),
        confusion=tuple(tuple(int(each) for each in row) for row in table),
        recall=_shares(np.diag(table), table.sum(axis=1), len(classes)),
        precision=_shares(np.diag(table), table.sum(axis=0), len(classes)),
        mistakes=tuple(_example(answers, row, inputs, contract) for row in sure),
        closest=tuple(_example(answers, row, inputs, contract) for row in _closest(answers)),
        calibration=calibration,
        calibration_error=sum(each.n * abs(each.right - each.confidence) for each in calibration)
        / count,
        others=others,
    )


def _classes(targets: Array, width: int) -> tuple[Array, bool]:
    """The classes to tell apart, in order; and whether there are others."""
    found, counts = np.unique(targets, return_counts=True)
    every = np.union1d(found, np.arange(width))
    if len(every) <= MOST_CLASSES:
        return every, False
    return np.sort(found[np.argsort(-counts, kind="stable")[:MOST_CLASSES]]), True


def confusion(answers: Answers, classes: Array, *, others: bool) -> Array:
    """How often each class was named for each; with `others` the rest is one more."""
    size = len(classes) + others

    def place(found: Array) -> Array:
        at = np.minimum(np.searchsorted(classes, found), len(classes) - 1)
        return np.where(classes[at] == found, at, size - 1)

    pairs = place(answers.targets) * size + place(answers.named)
    return np.bincount(pairs, minlength=size * size).reshape(size, size)


def _shares(hits: Array, totals: Array, count: int) -> tuple[float | None, ...]:
    pairs = zip(hits[:count], totals[:count], strict=True)
    return tuple(float(hit / total) if total else None for hit, total in pairs)


def _closest(answers: Answers) -> Array:
    """The answers whose two likeliest classes are nearest."""
    two = np.partition(answers.shares, -2, axis=1)[:, -2:]
    return np.argsort(two[:, 1] - two[:, 0], kind="stable")[:MOST_EXAMPLES]


def _example(answers: Answers, row: int, inputs: Array, contract: Contract) -> ClassExample:
    index = int(row) // answers.each
    one = np.array([row])
    part = answers._replace(
        targets=answers.targets[one], named=answers.named[one], shares=answers.shares[one]
    )
    return ClassExample(
        index=index,
        target=int(part.targets[0]),
        named=int(part.named[0]),
        probability=float(part.confidence[0]),
        of_target=float(part.of_class(part.targets)[0]),
        shown=shown(inputs[index], contract),
    )


def _calibration(answers: Answers) -> tuple[CalibrationBin, ...]:
    confidence, right = answers.confidence, answers.named == answers.targets
    places = np.minimum((confidence * _BINS).astype(np.int64), _BINS - 1)
    counts = np.bincount(places, minlength=_BINS)
    sums = np.bincount(places, weights=confidence, minlength=_BINS)
    hits = np.bincount(places, weights=right, minlength=_BINS)
    return tuple(
        CalibrationBin(
            low=place / _BINS,
            high=(place + 1) / _BINS,
            n=int(counts[place]),
            confidence=float(sums[place] / counts[place]),
            right=float(hits[place] / counts[place]),
        )
        for place in range(_BINS)
        if counts[place]
    )
