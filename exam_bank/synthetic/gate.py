"""What the camera at a garden gate sees: 100 × 100 colour pictures of four kinds of animal.

Whether the gate lets an animal in is decided by its kind. Which kinds come by, and which of
them may enter, is drawn with the seed: two pairs of look-alikes, and of each pair one may
and one may not. So every paper draws its border elsewhere, and a model of another paper lets
in the wrong ones. Coats, places, sizes and what stands about tell nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic import raster
from exam_bank.synthetic.animal_shapes import BEASTS, SMALL, Coat, animal
from exam_bank.synthetic.camera import Camera
from exam_bank.synthetic.drawing import Part, blob, chance, outline, shuffled_classes, turn
from exam_bank.synthetic.rng import Floats, Rng

LABELS = ("keep_out", "let_in")  # in the order of their folders' names
SIDE = 100
_CAMERA = Camera(noise=8.0, dim=0.75)
_SIZES = (23.0, 33.0)  # half an animal's length, in pixels
_BEHIND, _BEFORE = 3, 4  # things that may stand about, blades of grass that may hide feet
# Coats and grounds as shares of white; on snow the same coats look half as bright.
_TONES = np.array(
    [
        [0.95, 0.90, 0.82],
        [0.86, 0.62, 0.36],
        [0.74, 0.50, 0.34],
        [0.62, 0.58, 0.55],
        [0.80, 0.76, 0.72],
    ]
)
_DUSK = np.array([[0.16, 0.25, 0.10], [0.22, 0.19, 0.13], [0.10, 0.15, 0.22], [0.18, 0.18, 0.20]])
_SNOW = np.array([[0.88, 0.90, 0.95], [0.80, 0.84, 0.90], [0.92, 0.88, 0.84], [0.80, 0.84, 0.80]])


@dataclass(frozen=True)
class Garden:
    """One seed's garden: who comes by, who of them may come in, and what it looks like."""

    kinds: tuple[str, ...]
    welcome: tuple[str, ...]
    tones: Floats
    grounds: Floats

    @classmethod
    def draw(cls, rng: Rng) -> "Garden":
        """A garden at dusk or under snow, in colours of its own, which are no help."""
        drawn = rng.integers(0, 2, 4).tolist()
        pairs = (BEASTS[drawn[0]], SMALL[drawn[1]])
        kinds = tuple(kind for pair in pairs for kind in pair)
        welcome = tuple(pair[side] for pair, side in zip(pairs, drawn[2:], strict=True))
        light, snow = 255 * rng.uniform(0.92, 1.04, 3), rng.uniform()[0] < 0.5
        grounds = light * (_SNOW if snow else _DUSK)[rng.permutation(len(_DUSK))[:2]]
        return cls(kinds, welcome, light * _TONES * (0.6 if snow else 1.1), grounds)

    def pictures(self, rng: Rng, per_kind: int) -> tuple[list[bytes], NDArray[np.uint8]]:
        """JPEG files of 4 * per_kind pictures and their labels, in random order."""
        order = shuffled_classes(rng.child("order"), len(self.kinds), per_kind)
        drawn = np.empty((len(order), SIDE, SIDE, 3), np.uint8)
        for number, kind in enumerate(self.kinds):
            drawn[order == number] = self._of_kind(rng.child(kind), kind, per_kind)
        may_enter = np.array([kind in self.welcome for kind in self.kinds], np.uint8)
        return _CAMERA.photographs(rng.child("camera"), drawn), may_enter[order]

    def _of_kind(self, rng: Rng, kind: str, n: int) -> NDArray[np.uint8]:
        coat = Coat.draw(rng.child("coat"), n, self.tones)
        matrix, shift = _pose(rng.child("pose"), n)
        body = [part.moved(matrix, shift) for part in animal(rng.child("body"), kind, n, coat)]
        sky, scene = _scene(rng.child("scene"), n, self)
        front = _in_front(rng.child("front"), n, self)
        return raster.drawn([*scene, *body, *front], sky, SIDE)


def _pose(rng: Rng, n: int) -> tuple[Floats, Floats]:
    """From an animal's own coordinates to pixels, (n, 2, 2) and (n, 2)."""
    size, side = rng.uniform(*_SIZES, n), np.where(chance(rng, 0.5, n), -1.0, 1.0)
    zero = np.zeros(n)
    shape = np.stack([size * side, zero, zero, size * rng.uniform(0.88, 1.12, n)], axis=-1)
    matrix = turn(rng.normal(0, 0.12, n)) @ shape.reshape(n, 2, 2)
    place = np.stack([rng.uniform(34, SIDE - 34, n), rng.uniform(45, SIDE - 30, n)], axis=-1)
    return matrix, place


def _colours(rng: Rng, n: int, tones: Floats, spread: float = 8.0) -> Floats:
    return tones[rng.choice(len(tones), n)] * rng.uniform(0.85, 1.15, (n, 1)) + rng.normal(
        0, spread, (n, 3)
    )


def _scene(rng: Rng, n: int, garden: Garden) -> tuple[Floats, list[Part]]:
    """The colour behind, and from back to front: the meadow, posts, bushes, stones."""
    far = _colours(rng, n, garden.grounds)
    rim = rng.uniform(20, 55, (2, n))
    meadow = outline((-1, rim[0]), (SIDE + 1, rim[1]), (SIDE + 1, SIDE + 1), (-1, SIDE + 1))
    parts = [Part(meadow, _colours(rng, n, garden.grounds))]
    both = np.concatenate([garden.grounds, garden.tones])
    for _ in range(_BEHIND // 2):
        x, wide, top = rng.uniform(0, SIDE, n), rng.uniform(1.5, 4, n), rng.uniform(5, 45, n)
        post = outline((x - wide, top), (x + wide, top), (x + wide, top + 40), (x - wide, top + 40))
        parts.append(Part(post, _colours(rng, n, both), chance(rng, 0.5, n)))
    for _ in range(_BEHIND):
        radii = rng.uniform(4, 16, (n, 2))
        shape = blob(rng.uniform(0, SIDE, (n, 2)), radii, 10, squareness=0.8)
        parts.append(Part(shape, _colours(rng, n, both), chance(rng, 0.5, n)))
    return far, parts


def _in_front(rng: Rng, n: int, garden: Garden) -> list[Part]:
    """Blades of grass, and now and then a post, before the animal."""
    parts = []
    for _ in range(_BEFORE):
        x, foot = rng.uniform(0, SIDE, n), rng.uniform(70, SIDE + 10, n)
        wide, high = rng.uniform(1, 2.5, n), rng.uniform(12, 30, n)
        blade = outline((x - wide, foot), (x + wide, foot), (x + rng.normal(0, 6, n), foot - high))
        parts.append(Part(blade, _colours(rng, n, garden.grounds), chance(rng, 0.6, n)))
    x, wide = rng.uniform(0, SIDE, n), rng.uniform(2, 4, n)
    post = outline((x - wide, -1), (x + wide, -1), (x + wide, SIDE + 1), (x - wide, SIDE + 1))
    return [*parts, Part(post, _colours(rng, n, garden.tones), chance(rng, 0.1, n))]
