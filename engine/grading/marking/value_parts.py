"""What the score of a model that gives values is made of: where it errs, and to which side."""

import numpy as np

from engine import marking
from engine.grading.evidence import (
    MOST_EXAMPLES,
    MOST_FEATURES,
    MOST_POINTS,
    AffineFit,
    ErrorBin,
    FeatureErrors,
    ValueEvidence,
    ValueExample,
)
from engine.grading.marking.small_inputs import finite, shown
from exam_bank.material import Array, HiddenSet
from exam_bank.synthetic.rng import Rng
from exam_bank.task import Contract, MarkScheme

_DECILES, _RANGES = 10, 5
# Sorting more would cost more than the metric itself.
_MOST_SORTED = 100_000


def value_parts(
    predictions: Array, hidden: HiddenSet, scheme: MarkScheme, contract: Contract
) -> ValueEvidence:
    """The evidence. Predictions and targets are finite and of equal size."""
    said = predictions.astype(np.float64).reshape(len(predictions), -1)
    wanted = np.asarray(hidden.targets).astype(np.float64).reshape(said.shape)
    off = said - wanted
    rows = np.arange(len(said))[:: -(-said.size // _MOST_SORTED)]
    is_table = len(contract.input.shape) == 1 and contract.input.dtype == "float32"
    return ValueEvidence(
        error=float(np.abs(off).mean()),
        bias=float(off.mean()),
        deciles=error_bins(wanted[rows].ravel(), off[rows].ravel(), _DECILES),
        affine=_affine(said, wanted, hidden, scheme),
        features=_features(np.asarray(hidden.inputs), off) if is_table else (),
        worst=_worst(said, wanted, hidden, contract) if said.shape[1] == 1 else (),
        points=_points(wanted.ravel(), said.ravel()),
    )


def error_bins(
    by: Array, off: Array, count: int, size: Array | None = None
) -> tuple[ErrorBin, ...]:
    """The errors `off` in at most `count` ranges of `by` that hold about equally many.

    `size` are their absolute sizes, if those are not simply that of `off`.
    """
    edges = np.unique(np.quantile(by, np.linspace(0, 1, count + 1)))
    places = np.searchsorted(edges[1:-1], by, side="right")
    ranges = max(1, len(edges) - 1)
    counts = np.bincount(places, minlength=ranges)
    sizes = np.abs(off) if size is None else size
    errors = np.bincount(places, weights=sizes, minlength=ranges)
    biases = np.bincount(places, weights=off, minlength=ranges)
    return tuple(
        ErrorBin(
            low=float(edges[place]),
            high=float(edges[min(place + 1, len(edges) - 1)]),
            n=int(counts[place]),
            error=float(errors[place] / counts[place]),
            bias=float(biases[place] / counts[place]),
        )
        for place in range(ranges)
        if counts[place]
    )


def _affine(said: Array, wanted: Array, hidden: HiddenSet, scheme: MarkScheme) -> AffineFit:
    """The least squares line from outputs to targets, and what it is worth."""
    centred = said - said.mean()
    spread = float((centred**2).sum())
    slope = float((centred * (wanted - wanted.mean())).sum()) / spread if spread > 0 else 0.0
    intercept = float(wanted.mean()) - slope * float(said.mean())
    value = float(np.abs(slope * said + intercept - wanted).mean())
    if scheme.metric == "relative_mae":
        value /= hidden.baseline
    return AffineFit(slope, intercept, value, marking.score(value, scheme))


def _features(inputs: Array, off: Array) -> tuple[FeatureErrors, ...]:
    error = off.mean(axis=1)
    size = np.abs(off).mean(axis=1)
    columns = np.nan_to_num(inputs.astype(np.float64))
    return tuple(
        FeatureErrors(column, error_bins(columns[:, column], error, _RANGES, size))
        for column in range(min(columns.shape[1], MOST_FEATURES))
    )


def _worst(
    said: Array, wanted: Array, hidden: HiddenSet, contract: Contract
) -> tuple[ValueExample, ...]:
    off = np.abs(said - wanted)[:, 0]
    return tuple(
        ValueExample(
            index=int(row),
            target=float(wanted[row, 0]),
            predicted=float(said[row, 0]),
            shown=shown(hidden.inputs[row], contract),
        )
        for row in np.argsort(-off, kind="stable")[:MOST_EXAMPLES]
    )


def _points(wanted: Array, said: Array) -> tuple[tuple[float, float], ...]:
    rows = np.arange(len(wanted))
    if len(rows) > MOST_POINTS:
        rows = np.sort(Rng(0, "points").integers(0, len(wanted), MOST_POINTS))
    return tuple(zip(finite(wanted[rows]), finite(said[rows]), strict=True))
