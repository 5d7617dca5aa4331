"""Shapes for the picture tasks, as arrays over many pictures at once.

Corners are computed for all pictures together and only then filled (`raster.py`):
turning points is far cheaper than turning rasters, so a whole paper's pictures are ready
before the candidate has read the first brief.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exam_bank.synthetic.rng import Floats, Rng

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """One polygon in each of n pictures.

    `points` is (n, corners, 2), x to the right and y down; `fill` is (n,) grey levels or
    (n, 3) colours, 0 to 255; `shown` (n,) says in which pictures it is drawn at all.
    """

    points: Floats
    fill: Floats
    shown: Flags | None = None

    def moved(self, matrix: Floats, shift: Floats) -> "Part":
        """The same part with every corner p at matrix @ p + shift; (n, 2, 2) and (n, 2)."""
        points = self.points @ matrix.transpose(0, 2, 1) + shift[:, None, :]
        return Part(points, self.fill, self.shown)


def outline(*corners: tuple[ArrayLike, ArrayLike]) -> Floats:
    """Points (n, corners, 2) from (x, y) pairs, each a number or an array of n."""
    flat = [np.atleast_1d(np.asarray(value, float)) for corner in corners for value in corner]
    stacked = np.stack(np.broadcast_arrays(*flat), axis=-1)
    return np.asarray(stacked.reshape(-1, len(corners), 2))


def mirrored(points: Floats) -> Floats:
    """The same polygons on the other side of the axis x = 0."""
    return np.asarray(points * np.array([-1.0, 1.0]))


def capsule(start: Floats, end: Floats, radius: Floats, *, taper: float = 1.0) -> Floats:
    """A bar with round ends from `start` to `end` (n, 2); at its end the radius is × taper."""
    along = end - start
    angle = np.arctan2(along[:, 1], along[:, 0])
    turn = np.linspace(0.5 * np.pi, 1.5 * np.pi, 6)
    back = _arc(start, radius, angle[:, None] + turn)
    front = _arc(end, radius * taper, angle[:, None] + turn + np.pi)
    return np.concatenate([back, front], axis=1)


def _arc(centre: Floats, radius: Floats, angles: Floats) -> Floats:
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return np.asarray(centre[:, None, :] + radius[:, None, None] * circle)


def blob(centre: Floats, radii: Floats, corners: int = 12, squareness: float = 0.5) -> Floats:
    """Round shapes about `centre` (n, 2) with half axes `radii` (n, 2).

    `squareness` 1 is an ellipse, towards 0 its corners fill the bounding box.
    """
    angles = np.linspace(0.0, 2 * np.pi, corners, endpoint=False) + np.pi / corners
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    shape = np.sign(circle) * np.abs(circle) ** squareness
    return np.asarray(centre[:, None, :] + radii[:, None, :] * shape)


def turn(angle: Floats) -> Floats:
    """Rotation matrices (n, 2, 2) for angles in radians."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([cosine, -sine, sine, cosine], axis=-1).reshape(-1, 2, 2)


def chance(rng: Rng, probability: float, n: int) -> Flags:
    """Flags (n,) that are each true with `probability`."""
    return np.asarray(rng.uniform(size=n) < probability)


def shuffled_classes(rng: Rng, classes: int, per_class: int) -> NDArray[np.uint8]:
    """Labels (classes * per_class,), the same number of each, in random order."""
    return (rng.permutation(classes * per_class) % classes).astype(np.uint8)
