"""What can be said about classes without training: which is common, which mean is nearest."""

from collections.abc import Iterator, Mapping

import numpy as np

from exam_bank.material import Array
from exam_bank.task import Contract

Members = Mapping[str, Array]
# How many numbers to hold at once: large pictures come a few at a time.
_AT_ONCE = 10_000_000


def width(contract: Contract) -> int:
    """How many classes a model with this contract distinguishes."""
    last = contract.output.shape[-1] if contract.output.shape else 1
    return 2 if last in (1, "any") else int(last)


def as_output(shares: Array, contract: Contract) -> Array:
    """Class shares (n, k) in the form of a model's output; with one output, that of class 1."""
    if contract.output.shape and contract.output.shape[-1] != 1:
        return shares
    one = shares[:, 1:2]
    # A logit decides at 0, a probability at one half.
    return np.asarray(one - 0.5 if contract.output.activation == "linear" else one)


def constant(labels: Array, count: int, classes: int) -> dict[str, Members]:
    """The same answer for every input: each class in turn, and the training rows' shares."""
    one_hot = np.eye(classes)
    shares = np.bincount(labels, minlength=classes) / labels.size
    common = int(shares.argmax())
    return {
        "majority": {"": np.tile(one_hot[common], (count, 1))},
        "one class": {f"{k}": np.tile(one_hot[k], (count, 1)) for k in range(classes)},
        "class shares": {"": np.tile(shares, (count, 1))},
    }


def by_means(inputs: Array, labels: Array, asked: Array, classes: int) -> dict[str, Members]:
    """Shares (n, classes): the class whose mean input is nearest."""
    return {"nearest mean": _both(_flat(inputs), labels, _flat(asked), classes)}


def by_light(inputs: Array, labels: Array, asked: Array, classes: int) -> dict[str, Members]:
    """Shares (n, classes): the class with the nearest mean brightness, or mean colour."""
    return {
        "mean brightness": _both(_brightness(inputs), labels, _brightness(asked), classes),
        "mean colour": _both(_colour(inputs), labels, _colour(asked), classes),
    }


def _brightness(pictures: Array) -> Array:
    return np.asarray(_colour(pictures).mean(axis=1, keepdims=True))


def _colour(pictures: Array) -> Array:
    found = [pictures[part].mean(axis=(1, 2), dtype=np.float64) for part in _parts(pictures)]
    return np.concatenate(found).reshape(len(pictures), -1)


def _flat(inputs: Array) -> Array:
    return inputs.reshape(len(inputs), -1)


def _both(shown: Array, labels: Array, asked: Array, classes: int) -> Members:
    """Distance in the inputs' own units, and in units of each column's spread."""
    spread = _spread(shown)
    weight = 1 / np.where(spread > 0, spread, 1.0)
    return {
        "as it is": _nearest(shown, labels, asked, classes, np.ones_like(weight)),
        "by spread": _nearest(shown, labels, asked, classes, weight),
    }


def _nearest(shown: Array, labels: Array, asked: Array, classes: int, weight: Array) -> Array:
    """1 for the class with the nearest mean, 0 for the others."""
    present = np.unique(labels)
    means = np.stack([shown[labels == each].mean(axis=0, dtype=np.float64) for each in present])
    found = np.empty(len(asked), dtype=np.int64)
    ours = means * weight
    for part in _parts(asked):
        # |x - m|² without |x|², which is the same for all means.
        away = (ours**2).sum(axis=1) - 2 * (asked[part] * weight) @ ours.T
        found[part] = present[away.argmin(axis=1)]
    return np.eye(classes)[found]


def _spread(shown: Array) -> Array:
    mean = shown.mean(axis=0, dtype=np.float64)
    total = np.zeros(shown.shape[1])
    for part in _parts(shown):
        total += ((shown[part] - mean) ** 2).sum(axis=0)
    return np.asarray(np.sqrt(total / len(shown)))


def _parts(rows: Array) -> Iterator[slice]:
    step = max(1, _AT_ONCE // max(1, rows[0].size)) if len(rows) else 1
    return (slice(start, start + step) for start in range(0, len(rows), step))
