"""Finds out which mistakes explain a model's score, from its predictions with each undone.

A mistake is named only if undoing it earns a point or more, takes away a good part of the error,
and by more than chance would. Signs that nothing undoes have sharp criteria of their own.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from engine.grading import metrics, wire
from engine.grading.diagnosis import Diagnosis
from engine.grading.marking.output_mistakes import Mended, last_values, mended
from exam_bank.material import Array, HiddenSet
from exam_bank.task import ERRORS, Contract, MarkScheme

# The share of the error that a change of inputs or model must take away, and the score it must
# reach: a real mistake explains most of a failure.
_LEAST_SHARE, _LEAST_SCORE = 0.5, 2
# Shares that differ by less are alike: then the first that was tried is named first.
_ALIKE = 0.05
# How many standard errors of the difference; windows of a series overlap, hence so many.
_LEAST_ERRORS = 4.0
_SAME = 1e-3
# One class for nearly all examples.
_ONE, _OTHERS = 0.98, 0.9
# A copy differs from the last value by less than this share of what targets differ.
_COPY = 0.1
_LEAST_CLASS, _LEAST_EXAMPLES = 0.03, 20


class _Measured(NamedTuple):
    """One prediction's metric, points, and error by example."""

    value: float
    score: int
    errors: Array


class TrialMarker:
    """Measures the predictions of one model on `hidden`."""

    def __init__(self, hidden: HiddenSet, scheme: MarkScheme, contract: Contract) -> None:
        self._hidden, self._scheme, self._contract = hidden, scheme, contract
        self._is_error = scheme.metric in ERRORS
        self._targets = np.asarray(hidden.targets)

    def found(self, tried: wire.Tried, answers: Array) -> Iterator[Diagnosis]:
        """All that explains the model; `answers` are those of each trial."""
        base = answers[0]
        before = self._measured(base)
        if before is None:
            return
        undone = [
            Mended(trial.id, answer, _LEAST_SHARE, {"by": trial.by} if trial.by else None)
            for trial, answer in zip(tried.trials[1:], answers[1:], strict=True)
        ]
        undone += mended(base, self._hidden, self._scheme, self._contract)
        yield from self._explaining(before, undone)
        yield from self._signs(base)

    def _explaining(self, before: _Measured, undone: Iterable[Mended]) -> list[Diagnosis]:
        """Those whose undoing makes the difference, the one that takes most error away first."""
        found = []
        for each in undone:
            after = self._measured(each.predictions)
            if after is None or not _explains(before, after, each.share):
                continue
            gain = 1 - float(after.errors.mean()) / float(before.errors.mean())
            found.append((round(gain / _ALIKE), _diagnosis(each, after)))
        return [each for _, each in sorted(found, key=lambda pair: -pair[0])]

    def _measured(self, answers: Array) -> _Measured | None:
        with np.errstate(all="ignore"):
            answers = np.asarray(answers, np.float32)
        metric, score = metrics.measure(answers, self._hidden, self._scheme, self._contract)
        if metric.value is None:
            return None
        return _Measured(metric.value, score, self._errors(answers))

    def _errors(self, answers: Array) -> Array:
        n = len(self._targets)
        if self._is_error:
            wanted = self._targets.astype(np.float64).reshape(answers.shape)
            off: Array = np.abs(answers - wanted).reshape(n, -1).mean(axis=1)
            return off
        wrong: Array = (self._named(answers) != self._targets).reshape(n, -1).mean(axis=1)
        return wrong

    def _named(self, answers: Array) -> Array:
        decide = metrics.decision(self._scheme, self._contract)
        assert decide is not None
        return decide(answers).astype(np.int64).reshape(self._targets.shape)

    def _signs(self, base: Array) -> Iterator[Diagnosis]:
        if self._is_constant(base):
            yield Diagnosis(id="constant_output")
        elif self._is_error:
            yield from self._copies(base)
        else:
            yield from self._unnamed(self._named(base))

    def _is_constant(self, base: Array) -> bool:
        spread = float(base.reshape(len(base), -1).std(axis=0, dtype=np.float64).max())
        scale = float(self._targets.std()) if self._is_error else 1.0
        return spread <= _SAME * (scale or 1.0)

    def _copies(self, base: Array) -> Iterator[Diagnosis]:
        last = last_values(self._hidden)
        if last is None:
            return
        found = base.astype(np.float64).reshape(self._targets.shape)
        moved = float(np.abs(self._targets - last).mean())
        if moved and float(np.abs(found - last).mean()) <= _COPY * moved:
            yield Diagnosis(id="copies_last_value")

    def _unnamed(self, named: Array) -> Iterator[Diagnosis]:
        once, times = np.unique(named, return_counts=True)
        most = int(once[times.argmax()])
        is_one = times.max() >= _ONE * named.size
        if is_one and np.mean(self._targets == most) < _OTHERS:
            yield Diagnosis(id="one_class_only", facts={"label": most})
            return
        classes, counts = np.unique(self._targets, return_counts=True)
        for label, count in zip(classes.tolist(), counts.tolist(), strict=True):
            share = count / self._targets.size
            if label not in once and share >= _LEAST_CLASS and count >= _LEAST_EXAMPLES:
                facts = {"label": int(label), "percent": round(100 * share)}
                yield Diagnosis(id="class_never_named", facts=dict(facts))
                return


def _diagnosis(mended: Mended, after: _Measured) -> Diagnosis:
    return Diagnosis(
        id=mended.id,
        facts=mended.facts or {},
        would_score=after.score,
        would_measure=after.value,
    )


def _explains(before: _Measured, after: _Measured, share: float) -> bool:
    """Whether undoing a mistake made the difference, and not chance."""
    gains = before.errors - after.errors
    gain, error = float(gains.mean()), float(gains.std()) / np.sqrt(len(gains))
    is_sure = gain > _LEAST_ERRORS * error and gain >= share * float(before.errors.mean())
    return after.score >= max(_LEAST_SCORE, before.score + 1) and is_sure


def every(hidden: HiddenSet, step: int) -> HiddenSet:
    """Each `step`-th example of `hidden`."""
    return dataclasses.replace(hidden, inputs=hidden.inputs[::step], targets=hidden.targets[::step])
