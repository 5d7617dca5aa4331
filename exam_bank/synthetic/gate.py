"""What the camera at a garden gate sees: 100 × 100 colour pictures of eight animals.

Whether the gate lets an animal in is decided by its kind, and which kinds may come in is
drawn with the seed: of each pair of look-alikes one may and one may not. So every paper
draws its border elsewhere, a model of another paper lets in the wrong ones, and all
papers are equally hard. Coats, places, sizes and what stands about tell nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic import raster
from exam_bank.synthetic.animal_shapes import PAIRS, Coat, animal
from exam_bank.synthetic.camera import Camera
from exam_bank.synthetic.drawing import Part, blob, chance, outline, shuffled_classes, turn
from exam_bank.synthetic.rng import Floats, Rng

LABELS = ("keep_out", "let_in")  # in the order of their folders' names
SIDE = 100
_CAMERA = Camera(noise=10.0)
_TONES = np.array(
    [[235, 225, 205], [205, 150, 85], [150, 95, 55], [90, 70, 60], [50, 46, 50], [160, 155, 150]],
    dtype=np.float64,
)
_GROUNDS = np.array(
    [[105, 140, 70], [150, 140, 90], [125, 105, 85], [80, 110, 95], [170, 165, 150], [90, 85, 95]],
    dtype=np.float64,
)


@dataclass(frozen=True)
class Garden:
    """One seed's garden: who may come in, one of each pair, and what it looks like."""

    welcome: tuple[str, ...]
    tones: Floats
    grounds: Floats

    @classmethod
    def draw(cls, rng: Rng) -> "Garden":
        """A garden; its light and colours are its own, but no help."""
        sides = rng.integers(0, 2, len(PAIRS)).tolist()
        light = rng.uniform(0.8, 1.1, 3)
        chosen = rng.permutation(len(_GROUNDS))[:3]
        welcome = tuple(pair[side] for pair, side in zip(PAIRS, sides, strict=True))
        return cls(welcome, _TONES * light, _GROUNDS[chosen] * light)

    def pictures(self, rng: Rng, per_kind: int) -> tuple[list[bytes], NDArray[np.uint8]]:
        """JPEG files of 8 * per_kind pictures and their labels, in random order."""
        kinds = [kind for pair in PAIRS for kind in pair]
        order = shuffled_classes(rng.child("order"), len(kinds), per_kind)
        drawn = np.empty((len(order), SIDE, SIDE, 3), np.uint8)
        for number, kind in enumerate(kinds):
            drawn[order == number] = self._of_kind(rng.child(kind), kind, per_kind)
        may_enter = np.array([kind in self.welcome for kind in kinds], np.uint8)
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
    size, side = rng.uniform(17, 30, n), np.where(chance(rng, 0.5, n), -1.0, 1.0)
    zero = np.zeros(n)
    shape = np.stack([size * side, zero, zero, size * rng.uniform(0.88, 1.12, n)], axis=-1)
    matrix = turn(rng.normal(0, 0.12, n)) @ shape.reshape(n, 2, 2)
    place = np.stack([rng.uniform(30, SIDE - 30, n), rng.uniform(40, SIDE - 26, n)], axis=-1)
    return matrix, place


def _colours(rng: Rng, n: int, tones: Floats, spread: float = 18.0) -> Floats:
    return tones[rng.choice(len(tones), n)] * rng.uniform(0.7, 1.2, (n, 1)) + rng.normal(
        0, spread, (n, 3)
    )


def _scene(rng: Rng, n: int, garden: Garden) -> tuple[Floats, list[Part]]:
    """The colour behind, and from back to front: the meadow, posts, bushes, stones."""
    far = _colours(rng, n, garden.grounds) * rng.uniform(0.6, 1.3, (n, 1))
    rim = rng.uniform(20, 55, (2, n))
    meadow = outline((-1, rim[0]), (SIDE + 1, rim[1]), (SIDE + 1, SIDE + 1), (-1, SIDE + 1))
    parts = [Part(meadow, _colours(rng, n, garden.grounds))]
    both = np.concatenate([garden.grounds, garden.tones])
    for _ in range(3):
        x, wide, top = rng.uniform(0, SIDE, n), rng.uniform(1.5, 4, n), rng.uniform(5, 45, n)
        post = outline((x - wide, top), (x + wide, top), (x + wide, top + 40), (x - wide, top + 40))
        parts.append(Part(post, _colours(rng, n, both), chance(rng, 0.5, n)))
    for _ in range(6):
        radii = rng.uniform(4, 16, (n, 2))
        shape = blob(rng.uniform(0, SIDE, (n, 2)), radii, 10, squareness=0.8)
        parts.append(Part(shape, _colours(rng, n, both), chance(rng, 0.5, n)))
    return far, parts


def _in_front(rng: Rng, n: int, garden: Garden) -> list[Part]:
    """Blades of grass, and now and then a post, before the animal."""
    parts = []
    for _ in range(7):
        x, foot = rng.uniform(0, SIDE, n), rng.uniform(70, SIDE + 10, n)
        wide, high = rng.uniform(1, 2.5, n), rng.uniform(12, 30, n)
        blade = outline((x - wide, foot), (x + wide, foot), (x + rng.normal(0, 6, n), foot - high))
        parts.append(Part(blade, _colours(rng, n, garden.grounds), chance(rng, 0.6, n)))
    x, wide = rng.uniform(0, SIDE, n), rng.uniform(2, 4, n)
    post = outline((x - wide, -1), (x + wide, -1), (x + wide, SIDE + 1), (x - wide, SIDE + 1))
    return [*parts, Part(post, _colours(rng, n, garden.tones), chance(rng, 0.25, n))]
