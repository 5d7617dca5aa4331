"""The best straight line through the raw inputs of the contract, fitted with numpy alone.

Ridge regression for values, logistic regression for classes, naive Bayes over words for
texts. Training rows that are kept out of the fit choose how strongly each is regularised.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from exam_bank.material import Array
from exam_bank.proof.formulas import of_classes
from exam_bank.proof.formulas.descent import least
from exam_bank.proof.formulas.kinds import TaskKind, kind_of
from exam_bank.proof.formulas.of_texts import each_once
from exam_bank.proof.formulas.pairs import Pairs
from exam_bank.task import Task

_RIDGES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_LOGISTIC = (1.0, 1e-1, 1e-2, 1e-3, 1e-4)
_SMOOTHING = (0.1, 0.3, 1.0, 3.0)
# Wider inputs than this are first projected onto the span of the training rows.
_WIDE, _SPANNED, _AT_ONCE = 3_000, 1_500, 30_000_000
_TRIED_ROWS = 10_000
_STEPS = 150


NAMES: Mapping[TaskKind, str] = {
    "series": "ridge",
    "table": "ridge",
    "classes": "logistic",
    "pictures": "logistic",
    "text": "naive Bayes",
}


def predict(task: Task, pairs: Pairs, asked: Array) -> Array:
    """Predictions for the inputs `asked`, shaped like a model's output."""
    kind, contract = kind_of(task), task.says.contract
    if kind == "text":
        classes = of_classes.width(contract)
        shares = _bayes(pairs.inputs, pairs.targets.ravel(), asked, classes)
        return of_classes.as_output(shares, contract)
    shown, wanted = _features(pairs.inputs, asked)
    if kind in ("classes", "pictures"):
        labels = pairs.targets.ravel().astype(np.int64)
        shares = _logistic(shown, labels, wanted, of_classes.width(contract))
        return of_classes.as_output(shares, contract)
    lasts = _lasts(pairs, asked) if kind == "series" else []
    found = _ridge(shown, pairs.targets, wanted, lasts, kept_out_last=kind == "series")
    return found.reshape(len(asked), *pairs.targets.shape[1:])


class _Split(NamedTuple):
    """Which training rows are fitted, and which are held out."""

    fitted: Array
    kept_out: Array


def _split(count: int, *, last: bool = False, most: int | None = None) -> _Split:
    """Hold out a fifth: every fifth row, or the last ones of a series."""
    rows = np.arange(count) if most is None else np.arange(count)[:: max(1, count // most)]
    out = np.arange(len(rows)) >= 0.8 * len(rows) if last else np.arange(len(rows)) % 5 == 4
    return _Split(rows[~out], rows[out])


# -- features ------------------------------------------------------------------------------


def _features(shown: Array, asked: Array) -> tuple[Array, Array]:
    """Columns with mean 0 and spread 1; for wide inputs, the axes of their span."""
    shown, asked = shown.reshape(len(shown), -1), asked.reshape(len(asked), -1)
    if shown.shape[1] > _WIDE:
        return _spanned(shown, asked)
    kind = np.float32 if shown.size > 10_000_000 else np.float64
    shown, asked = shown.astype(kind), asked.astype(kind)
    mean, spread = shown.mean(axis=0), shown.std(axis=0)
    still = spread < 1e-6 * max(1.0, float(spread.max()))
    scale = np.where(still, 0, 1 / np.where(still, 1, spread)).astype(kind)
    return (shown - mean) * scale, (asked - mean) * scale


def _spanned(shown: Array, asked: Array) -> tuple[Array, Array]:
    """The inputs along the principal axes of the training rows, the widest first."""
    mean = shown.mean(axis=0, dtype=np.float64).astype(np.float32)
    own, other = np.zeros((len(shown),) * 2), np.zeros((len(asked), len(shown)))
    step = max(1, _AT_ONCE // len(shown))
    for start in range(0, shown.shape[1], step):
        part = slice(start, start + step)
        left = shown[:, part].astype(np.float32) - mean[part]
        own += left @ left.T
        other += (asked[:, part].astype(np.float32) - mean[part]) @ left.T
    values, axes = np.linalg.eigh(own)
    order = np.argsort(-values)[:_SPANNED]
    order = order[values[order] > 1e-6 * values.max()]
    root = np.sqrt(values[order])
    # Scale the widest axis to spread 1, so that one measure serves all tasks.
    unit = root.max() / np.sqrt(len(shown))
    return axes[:, order] * root / unit, other @ axes[:, order] / root / unit


# -- values --------------------------------------------------------------------------------


def _lasts(pairs: Pairs, asked: Array) -> list[tuple[Array, Array]]:
    """The last row of each window in the shape of the targets, if it fits."""
    shape = pairs.targets.shape[1:]
    last, wanted = pairs.inputs[:, -1], asked[:, -1]
    if len(shape) == 2:
        last, wanted = last[:, None], wanted[:, None]
    else:
        last, wanted = last[:, :1], wanted[:, :1]
    return [
        (
            np.broadcast_to(last, (len(last), *shape)).reshape(len(last), -1),
            np.broadcast_to(wanted, (len(wanted), *shape)).reshape(len(wanted), -1),
        )
    ]


def _ridge(
    shown: Array,
    targets: Array,
    asked: Array,
    lasts: Sequence[tuple[Array, Array]],
    *,
    kept_out_last: bool,
) -> Array:
    """Least squares, regularised as the held-out rows like best.

    `lasts` are values that may be subtracted from the targets and added back afterwards.
    """
    flat = np.asarray(targets, dtype=np.float64).reshape(len(targets), -1)
    split = _split(len(shown), last=kept_out_last)
    nothing = (np.zeros_like(flat), np.zeros((len(asked), flat.shape[1])))
    tried = []
    for taken, given in (nothing, *lasts):
        fits = _ridge_fits(shown[split.fitted], (flat - taken)[split.fitted])
        for ridge, fit in zip(_RIDGES, fits, strict=True):
            off = fit(shown[split.kept_out]) + taken[split.kept_out] - flat[split.kept_out]
            tried.append((float(np.abs(off).mean()), ridge, taken, given))
    _, ridge, taken, given = min(tried, key=lambda each: each[0])
    [fit] = _ridge_fits(shown, flat - taken, (ridge,))
    return np.asarray(fit(asked) + given)


def _ridge_fits(
    design: Array, targets: Array, ridges: Sequence[float] = _RIDGES
) -> Iterator[Callable[[Array], Array]]:
    mean, middle = targets.mean(axis=0), design.mean(axis=0)
    centred = design - middle
    values, axes = np.linalg.eigh(centred.T @ centred)
    along = axes.T @ (centred.T @ (targets - mean))
    for ridge in ridges:
        weights = axes @ (along / (np.maximum(values, 0) + ridge * len(design))[:, None])
        yield lambda rows, weights=weights: (rows - middle) @ weights + mean  # type: ignore[misc]


# -- classes -------------------------------------------------------------------------------


def _logistic(shown: Array, labels: Array, asked: Array, classes: int) -> Array:
    """Shares (n, classes) from logistic regression."""
    split = _split(len(shown), most=_TRIED_ROWS)
    weights = np.zeros((shown.shape[1] + 1, classes), shown.dtype)
    tried = []
    # The strongest regularisation first; each fit starts where the one before ended.
    for penalty in _LOGISTIC:
        weights = _logistic_fit(shown[split.fitted], labels[split.fitted], weights, penalty)
        right = _shares(shown[split.kept_out], weights).argmax(axis=1) == labels[split.kept_out]
        tried.append((float(right.mean()), penalty, weights))
    _, penalty, weights = max(tried, key=lambda each: each[0])
    return _shares(asked, _logistic_fit(shown, labels, weights, penalty))


def _logistic_fit(rows: Array, labels: Array, start: Array, penalty: float) -> Array:
    truth = np.eye(start.shape[1], dtype=rows.dtype)[labels]

    def loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(start.shape)
        shares = _shares(rows, weights)
        surprise = -np.log(np.maximum((shares * truth).sum(axis=1), 1e-12)).mean()
        held = weights[:-1]
        off = (shares - truth) / len(rows)
        slope = np.vstack([rows.T @ off + penalty * held, off.sum(axis=0)])
        return float(surprise + penalty / 2 * (held**2).sum()), slope.ravel()

    return least(loss, start.ravel(), _STEPS).reshape(start.shape)


def _shares(rows: Array, weights: Array) -> Array:
    scores = rows @ weights[:-1] + weights[-1]
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True))


# -- texts ---------------------------------------------------------------------------------


def _bayes(ids: Array, labels: Array, asked: Array, classes: int) -> Array:
    """Shares (n, classes) from naive Bayes, counting every word, or each once per text."""
    labels = labels.astype(np.int64)
    size = int(max(ids.max(), asked.max())) + 1
    split = _split(len(ids))
    tried = []
    for as_counted in (np.asarray, each_once):
        words = as_counted(ids).astype(np.int64)
        for smooth in _SMOOTHING:
            known = _surprises(words[split.fitted], labels[split.fitted], size, classes, smooth)
            found = _posterior(words[split.kept_out], *known).argmax(axis=1)
            right = float(np.mean(found == labels[split.kept_out]))
            tried.append((right, smooth, as_counted))
    _, smooth, as_counted = max(tried, key=lambda each: each[0])
    known = _surprises(as_counted(ids).astype(np.int64), labels, size, classes, smooth)
    return _posterior(as_counted(asked).astype(np.int64), *known)


def _surprises(
    ids: Array, labels: Array, size: int, classes: int, smooth: float
) -> tuple[Array, Array]:
    """The log share of each word in each class (size, classes), and that of each class."""
    counts = np.bincount((ids * classes + labels[:, None]).ravel(), minlength=size * classes)
    table = counts.reshape(size, classes).astype(np.float64)
    table[0] = 0
    shares = np.log(table + smooth) - np.log(table.sum(axis=0) + smooth * size)
    shares[0] = 0
    return shares, np.log(np.bincount(labels, minlength=classes) + 1e-9) - np.log(len(labels))


def _posterior(ids: Array, words: Array, classes: Array) -> Array:
    scores = np.stack([words[row].sum(axis=0) for row in ids]) + classes
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True))
