"""Hidden inputs made small enough to keep: a thumbnail, the ids of a text, a row of numbers."""

import numpy as np

from engine.grading.evidence import MOST_INPUTS, MOST_WORDS, PICTURE_SIDE, Shown, Thumbnail
from exam_bank.material import Array
from exam_bank.task import Contract

_LEAST_SIDE = 8
_CHANNELS = (1, 3, 4)


def shown(example: Array, contract: Contract) -> Shown:
    """The one hidden input `example` in small; empty where there is no small form."""
    example = np.asarray(example)
    if example.ndim == 1:
        return _row(example, is_text=contract.input.dtype == "int32")
    picture = _as_picture(example)
    return Shown() if picture is None else Shown(picture=_thumbnail(_in_bytes(picture)))


def _row(example: Array, *, is_text: bool) -> Shown:
    if is_text:
        told = np.flatnonzero(example)
        words = example[told[0] : told[-1] + 1] if len(told) else example[:0]
        return Shown(words=tuple(int(each) for each in words[:MOST_WORDS]))
    return Shown(numbers=tuple(finite(example[:MOST_INPUTS])))


def finite(numbers: Array) -> list[float]:
    """`numbers` as JSON can hold them, with six digits."""
    told = np.nan_to_num(np.asarray(numbers, dtype=np.float64).ravel())
    return [float(f"{each:.6g}") for each in told]


def _as_picture(example: Array) -> Array | None:
    """Rows, columns and three colours; None if it cannot be a picture."""
    if example.ndim == 2:
        example = example[..., None]
    fits = example.ndim == 3 and example.shape[2] in _CHANNELS
    if not fits or min(example.shape[:2]) < _LEAST_SIDE:
        return None
    return np.repeat(example, 3, axis=2) if example.shape[2] == 1 else example[..., :3]


def _in_bytes(picture: Array) -> Array:
    """Colours from 0 to 255, whatever scale they have."""
    if picture.dtype == np.uint8:
        return picture.astype(np.float32)
    told = np.nan_to_num(picture.astype(np.float32))
    low, high = float(told.min()), float(told.max())
    if low >= 0 and high <= 255:
        return told * 255 if high <= 1 else told
    return (told - low) * (255 / ((high - low) or 1))


def _thumbnail(picture: Array) -> Thumbnail:
    """Each pixel of it is the mean of those it stands for."""
    for axis in (0, 1):
        size = picture.shape[axis]
        side = _side(size, max(picture.shape[:2]))
        starts = np.arange(side) * size // side
        counts = np.diff(np.append(starts, size))
        shape = (-1, 1, 1) if axis == 0 else (1, -1, 1)
        picture = np.add.reduceat(picture, starts, axis=axis) / counts.reshape(shape)
    rgb = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return Thumbnail(width=rgb.shape[1], height=rgb.shape[0], rgb=rgb.tobytes())


def _side(size: int, longest: int) -> int:
    return size if longest <= PICTURE_SIDE else max(1, round(size * PICTURE_SIDE / longest))
