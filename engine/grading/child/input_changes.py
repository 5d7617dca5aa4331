"""Common mistakes about inputs, each as a change that undoes it.

A change turns a batch of the task's inputs into what the model was trained on, if it was trained
with that mistake. Which ones make sense follows from the inputs' kind: pictures, word ids, windows
of a series, or plain columns.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from exam_bank.material import Array

# Channels of a colour picture, and the least side of a picture without a channel axis.
_COLOURS, _LEAST_SIDE = 3, 16
_WHITE = 255.0


class InputChange(NamedTuple):
    """One mistake by its id, and what undoes it in a batch."""

    id: str
    apply: Callable[[Array], Array]
    by: int = 0


class Normalisation(NamedTuple):
    """What the model's own Normalization layer takes off and divides by."""

    mean: Array
    deviation: Array


def changes(sample: Array, normalisation: Normalisation | None = None) -> tuple[InputChange, ...]:
    """The changes that make sense for inputs such as those in `sample`, the likeliest first."""
    if sample.dtype.kind == "i":
        return tuple(_of_ids(sample))
    return tuple(_of_pictures(sample) if _is_picture(sample) else _of_values(sample, normalisation))


def _is_picture(sample: Array) -> bool:
    """Whether these are pictures: non-negative, with two large axes, and a channel axis or none."""
    sides = sample.shape[1:3]
    if sample.ndim not in (3, 4) or len(sides) < 2 or min(sides) < _LEAST_SIDE:
        return False
    is_square = sample.ndim == 4 or sides[0] == sides[1]
    return is_square and float(sample.min()) >= 0.0 and float(sample.max()) <= _WHITE


def _of_pictures(sample: Array) -> Iterator[InputChange]:
    white = np.float32(_WHITE if float(sample.max()) > 1.5 else 1.0)
    yield InputChange("inputs_times_255", lambda x: x * np.float32(_WHITE))
    yield InputChange("inputs_minus_1_to_1", lambda x: x * (np.float32(2) / white) - np.float32(1))
    yield InputChange("inputs_divided_by_255", lambda x: x / np.float32(_WHITE))
    if sample.ndim == 4 and sample.shape[-1] == _COLOURS:
        yield InputChange("channels_reversed", lambda x: x[..., ::-1])
        yield InputChange("channels_first", _channels_first)
    if sample.shape[1] == sample.shape[2]:
        yield InputChange("pictures_transposed", lambda x: x.swapaxes(1, 2))
    yield InputChange("inputs_inverted", lambda x: white - x)
    yield InputChange("pictures_upside_down", lambda x: x[:, ::-1])
    yield InputChange("pictures_mirrored", lambda x: x[:, :, ::-1])
    yield _standardised(sample, tuple(range(sample.ndim - (sample.ndim == 4))))


def _of_ids(sample: Array) -> Iterator[InputChange]:
    yield InputChange("sequence_reversed", lambda x: x[:, ::-1])
    if (sample == 0).any():
        yield InputChange("padding_on_other_side", _padded_on_the_other_side)
    yield InputChange("ids_shifted", lambda x: np.where(x > 0, x + 1, x), by=1)
    yield InputChange("ids_shifted", lambda x: np.where(x > 0, x - 1, x), by=-1)


def _of_values(sample: Array, normalisation: Normalisation | None) -> Iterator[InputChange]:
    axes = tuple(range(sample.ndim - 1))
    yield _standardised(sample, axes)
    if normalisation is not None:
        mean, deviation = normalisation
        yield InputChange("inputs_not_standardised", lambda x: x * deviation + mean)
    if sample.ndim == 3 and sample.shape[1] > 1:
        yield InputChange("sequence_reversed", lambda x: x[:, ::-1])
    low, high = sample.min(axis=axes), sample.max(axis=axes)
    spread = np.maximum(high - low, np.float32(1e-12))
    yield InputChange("inputs_minus_1_to_1", lambda x: (x - low) * (2 / spread) - 1)


def _standardised(sample: Array, axes: tuple[int, ...]) -> InputChange:
    mean = sample.mean(axis=axes, dtype=np.float64).astype(np.float32)
    deviation = np.maximum(sample.std(axis=axes, dtype=np.float64), 1e-12).astype(np.float32)
    return InputChange("inputs_standardised", lambda x: (x - mean) / deviation)


def _channels_first(batch: Array) -> Array:
    moved: Array = np.ascontiguousarray(batch.transpose(0, 3, 1, 2)).reshape(batch.shape)
    return moved


def _padded_on_the_other_side(batch: Array) -> Array:
    """Each row's zeros at its end moved to its start, or back."""
    moved = batch.copy()
    for row in moved:
        used = np.flatnonzero(row)
        if len(used):
            behind = len(row) - 1 - int(used[-1])
            row[:] = np.roll(row, behind or -int(used[0]))
    return moved
