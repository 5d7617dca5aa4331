"""Puts together the evidence for one grade, from predictions, inputs and targets.

Each part costs a few milliseconds: nothing is sorted, drawn or kept without a bound.
"""

from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.grading import metrics, wire
from engine.grading.evidence import MOST_ERRORS, Baseline, Evidence, ExampleErrors, FlipRisk
from engine.grading.marking import flip_risk
from engine.grading.marking.class_parts import Answers, class_parts
from engine.grading.marking.series_parts import Forecasts, forecasts, series_parts
from engine.grading.marking.value_parts import value_parts
from engine.grading.protocol import Metric
from exam_bank.material import Array, HiddenSet
from exam_bank.proof.formulas.kinds import kind_of_contract
from exam_bank.synthetic.rng import Rng


class MarkedPart(NamedTuple):
    """What was measured: the predictions, the hidden set `measured`, and the `whole` one."""

    predictions: Array
    measured: HiddenSet
    whole: HiddenSet


def evidence_of(asked: wire.Measure, part: MarkedPart, metric: Metric, score: int) -> Evidence:
    """What the grade is made of; without parts where `metric` has no value."""
    base = Evidence(
        task=asked.task,
        sha256=_hash_in(asked.evidence),
        metric=metric,
        score=score,
        scheme=asked.mark_scheme,
    )
    if metric.value is None:
        return base
    if metrics.decision(asked.mark_scheme, asked.contract) is None:
        return _of_values(base, asked, part)
    return _of_classes(base, asked, part)


def _hash_in(path: str | None) -> str:
    """The model's SHA-256, which the name of the file begins with; "" if it does not."""
    name = Path(path or "").stem[:64]
    return name if len(name) == 64 and set(name) <= set("0123456789abcdef") else ""


def _of_values(base: Evidence, asked: wire.Measure, part: MarkedPart) -> Evidence:
    hidden, scheme = part.measured, asked.mark_scheme
    each = np.abs(
        part.predictions.astype(np.float64)
        - np.asarray(hidden.targets).astype(np.float64).reshape(part.predictions.shape)
    )
    each = each.reshape(len(each), -1).mean(axis=1)
    found = (
        forecasts(part.predictions, hidden)
        if kind_of_contract(asked.contract, scheme.metric) == "series"
        else None
    )
    divisor = hidden.baseline if scheme.metric == "relative_mae" else 1.0
    size = flip_risk.draw_of(part.whole.targets, scheme)
    return msgspec.structs.replace(
        base,
        values=value_parts(part.predictions, hidden, scheme, asked.contract),
        series=None if found is None else series_parts(found),
        measured=(*_median(asked, part), *_last_value(asked, part, found)),
        flip_risk=flip_risk.flip_risk(
            flip_risk.luck_of_means(each, size, scheme, divisor), size, scheme, base.score
        ),
        errors=_errors(each),
    )


def _of_classes(base: Evidence, asked: wire.Measure, part: MarkedPart) -> Evidence:
    hidden, contract = part.measured, asked.contract
    targets = np.asarray(hidden.targets)
    decide = metrics.decision(asked.mark_scheme, contract)
    assert decide is not None
    named = decide(part.predictions).astype(np.int64).reshape(targets.shape)
    answers = Answers.of(part.predictions, targets, named, contract.output.activation)
    each = (named != targets).reshape(len(targets), -1).mean(axis=1)
    return msgspec.structs.replace(
        base,
        classes=class_parts(answers, hidden.inputs, contract),
        measured=_majority(asked, part),
        flip_risk=_class_risk(base, part, named, each),
        errors=_errors(each),
    )


def _class_risk(base: Evidence, part: MarkedPart, named: Array, each: Array) -> FlipRisk | None:
    scheme, whole = base.scheme, np.asarray(part.whole.targets)
    size = flip_risk.draw_of(whole, scheme)
    if whole.ndim == 1:
        found = flip_risk.tally(named, np.asarray(part.measured.targets))
        luck = flip_risk.luck_of_classes(found.times(len(whole) / len(named)), size.drawn, scheme)
    elif scheme.metric == "accuracy":
        luck = flip_risk.luck_of_means(each, size, scheme)
    else:
        return None
    return flip_risk.flip_risk(luck, size, scheme, base.score)


def _errors(each: Array) -> ExampleErrors:
    rows, kept = np.arange(len(each)), b""
    if len(each) > MOST_ERRORS:
        order = np.argsort(Rng(0, "example errors").uniform(size=len(each)), kind="stable")
        rows = np.sort(order[:MOST_ERRORS])
        kept = rows.astype("<u4").tobytes()
    return ExampleErrors(n=len(each), errors=each[rows].astype("<f4").tobytes(), indices=kept)


# -- baselines that the hidden set alone gives -----------------------------------------------------


def _majority(asked: wire.Measure, part: MarkedPart) -> tuple[Baseline, ...]:
    """Always the most frequent class."""
    found, counts = np.unique(part.measured.targets, return_counts=True)
    most = int(found[counts.argmax()])
    constant: Array = np.zeros(part.predictions.shape, dtype=np.float32)
    wide = _is_wide(constant)
    if wide and 0 <= most < constant.shape[-1]:
        constant[..., most] = 1.0
    elif not wide:
        constant[...] = 1.0 if most == 1 else -1.0
    return (_baseline("majority", asked, part, constant),)


def _is_wide(outputs: Array) -> bool:
    """Whether there is an output for each class, not one for two."""
    return outputs.ndim > 1 and outputs.shape[-1] > 1


def _median(asked: wire.Measure, part: MarkedPart) -> tuple[Baseline, ...]:
    """Always the middle of the targets."""
    targets = np.asarray(part.measured.targets)
    middle = np.median(targets.reshape(len(targets), -1)[:: -(-targets.size // 100_000)])
    return (_baseline("median", asked, part, np.full(part.predictions.shape, middle)),)


def _last_value(
    asked: wire.Measure, part: MarkedPart, found: Forecasts | None
) -> tuple[Baseline, ...]:
    """The last value seen, where it is known."""
    if found is None or found.held is None:
        return ()
    return (_baseline("last value", asked, part, found.held.reshape(part.predictions.shape)),)


def _baseline(name: str, asked: wire.Measure, part: MarkedPart, said: Array) -> Baseline:
    metric, score = metrics.measure(said, part.measured, asked.mark_scheme, asked.contract)
    assert metric.value is not None
    return Baseline(name=name, kind="trivial", value=metric.value, score=score)
