"""Fills polygons in many pictures at once, the same pixels with any numpy and any Pillow.

Pillow 11 changed how it fills polygons, so a picture that Pillow draws has other bytes
with another Pillow, and a paper's code would no longer stand for one exam. Here corners
are rounded to parts of a pixel first (the last bits of sines differ between machines);
after that only sums, products and quotients are taken, which IEEE 754 fixes to the bit.

Each row of a polygon is filled from its leftmost to its rightmost crossing: right for
every shape that has no notch from above or below, which is what our drawings are made of.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic.drawing import Part
from exam_bank.synthetic.rng import Floats, Ints

_STEPS = 64.0  # corners lie on this many places a pixel
_AT_ONCE = 256  # pictures drawn together: their canvas stays in the processor's cache


def drawn(parts: Sequence[Part], ground: Floats, side: int) -> NDArray[np.uint8]:
    """Pictures of `side` pixels with all `parts` from back to front on their ground.

    `ground` and every part's fill are (n,) grey levels or (n, 3) colours, 0 to 255; the
    pictures are (n, side, side) or (n, side, side, 3) accordingly.
    """
    layers = layered(parts, side)
    inks = np.stack([ground, *(part.fill for part in parts)], axis=1)
    palette = np.clip(np.rint(inks), 0, 255).astype(np.uint8)
    pictures = np.empty((*layers.shape, *palette.shape[2:]), np.uint8)
    for picture, colours, layer in zip(pictures, palette, layers, strict=True):
        np.take(colours, layer, axis=0, out=picture, mode="clip")
    return pictures


def layered(parts: Sequence[Part], side: int) -> NDArray[np.uint8]:
    """Which part shows at each pixel, (n, side, side): 1 is the first part, 0 the ground."""
    count = len(parts[0].points)
    canvas = np.zeros((count, side, side), np.uint8)
    for start in range(0, count, _AT_ONCE):
        here = slice(start, start + _AT_ONCE)
        flat = canvas[here].reshape(-1)
        for number, part in enumerate(parts, start=1):
            shown = None if part.shown is None else part.shown[here]
            flat[_covered(part.points[here], shown, side)] = number
    return canvas


def _covered(points: Floats, shown: NDArray[np.bool_] | None, side: int) -> Ints:
    """The places of all covered pixels in a flat (n * side * side) canvas."""
    corners = np.rint(points * _STEPS) / _STEPS - 0.5
    if shown is not None:
        corners = np.where(shown[:, None, None], corners, -1.0)
    picture, row = _rows(corners[..., 1], side)
    left, right = _spans(corners, picture, row)
    first = np.clip(np.ceil(left), 0, side).astype(np.int64)
    after = np.clip(np.floor(right) + 1, 0, side).astype(np.int64)
    return _runs((picture * side + row) * side + first, np.maximum(after - first, 0))


def _rows(heights: Floats, side: int) -> tuple[Ints, Ints]:
    """The (picture, row) pairs whose pixel centres lie between a polygon's top and foot."""
    first = np.clip(np.ceil(heights.min(axis=1)), 0, side).astype(np.int64)
    after = np.clip(np.floor(heights.max(axis=1)) + 1, 0, side).astype(np.int64)
    counts = np.maximum(after - first, 0)
    return np.repeat(np.arange(len(heights)), counts), _runs(first, counts)


def _spans(corners: Floats, picture: Ints, row: Ints) -> tuple[Floats, Floats]:
    """Where the polygon of each `picture` (m,) is entered and left along a `row` (m,)."""
    left, right = np.full(len(row), np.inf), np.full(len(row), -np.inf)
    for index in range(corners.shape[1]):
        (x, y), (next_x, next_y) = corners[:, index - 1].T, corners[:, index].T
        rise = next_y - y
        slope = (next_x - x) / np.where(rise == 0, 1.0, rise)
        low, high = np.minimum(y, next_y), np.maximum(y, next_y)
        crossed = (low[picture] <= row) & (row <= high[picture])
        at = x[picture] + (row - y[picture]) * slope[picture]
        np.minimum(left, at, out=left, where=crossed)
        np.maximum(right, at, out=right, where=crossed)
    return left, right


def _runs(starts: Ints, lengths: Ints) -> Ints:
    """start, start + 1, … for each start, as many as its length, one run after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(starts - (ends - lengths), lengths))
