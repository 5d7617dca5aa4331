"""Sick leaves: 96 × 96 colour pictures of leaves with one of three blights, or none.

What tells a blight is neither colour nor place nor how much of a leaf is marked but the
form of its marks: all kinds mark as many places as widely in the same colours, healthy
leaves have their smudges too, and every leaf bears some marks of another kind. Which
forms a paper's blights take, under which name, on which plant, is drawn with the seed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic.camera import Camera
from exam_bank.synthetic.drawing import shuffled_classes
from exam_bank.synthetic.rng import Floats, Ints, Rng

LABELS = ("blight_a", "blight_b", "blight_c", "healthy")
SIDE = 96
_CAMERA = Camera(noise=8.0, dim=0.75)
_MARKS = 12  # places a leaf may be marked at
_REACH = 13  # a mark ends this far from its centre
_SIZES = (1.25, 1.75)
_FOREIGN = 0.15  # the share of marks that are of any kind
# Pale marks on dark leaves, or dark marks on pale ones.
_DARK_GREENS = np.array([[50, 95, 40], [75, 110, 45], [45, 85, 65], [90, 100, 50]], np.float64)
_PALE_GREENS = np.array([[150, 190, 95], [185, 200, 120], [150, 185, 150], [190, 185, 105]], float)
_PALE_MARKS = np.array([[225, 200, 120], [240, 230, 195], [225, 165, 120]], np.float64)
_DARK_MARKS = np.array([[95, 60, 35], [55, 45, 40], [120, 50, 45]], np.float64)
_GROUNDS = np.array([[60, 45, 35], [150, 120, 90], [200, 190, 170], [95, 100, 110]], np.float64)

_Plane = NDArray[np.float32]
# How much of each pixel a mark covers, from its offsets along and across the veins.
_Form = Callable[[_Plane, _Plane], _Plane]


def _edge(inside: NDArray[np.floating[Any]]) -> _Plane:
    """1 well inside, 0 well outside, a pixel's width between; `inside` is a distance."""
    return np.asarray(np.clip(inside + 0.5, 0, 1), np.float32)


def _disc(x: _Plane, y: _Plane) -> _Plane:
    return _edge(3.6 - np.sqrt(x * x + y * y))


def _square(x: _Plane, y: _Plane) -> _Plane:
    return _edge(3.2 - np.maximum(np.abs(x), np.abs(y)))


def _ring(x: _Plane, y: _Plane) -> _Plane:
    return _edge(0.9 - np.abs(np.sqrt(x * x + y * y) - 3.9))


def _crescent(x: _Plane, y: _Plane) -> _Plane:
    away = np.sqrt((x - 2.6) ** 2 + y * y)
    return np.minimum(_edge(4.6 - np.sqrt(x * x + y * y)), _edge(away - 3.8))


def _streak(x: _Plane, y: _Plane) -> _Plane:
    return np.minimum(_edge(1.35 - np.abs(y)), _edge(7.0 - np.abs(x)))


def _cross_streak(x: _Plane, y: _Plane) -> _Plane:
    return _streak(y, x)


def _smudge(x: _Plane, y: _Plane) -> _Plane:
    near = np.maximum(1 - (x * x + y * y) / 68, 0)
    return np.asarray(0.58 * near * near, np.float32)


# One of each row is a blight of this paper.
_FORMS: tuple[tuple[_Form, ...], ...] = (
    (_disc, _square),
    (_ring, _crescent),
    (_streak, _cross_streak),
)


@dataclass(frozen=True)
class Plant:
    """One seed's plant: the forms of its marks by class, and what its leaves are like."""

    forms: tuple[_Form, ...]
    slender: float
    spacing: float
    slope: float
    greens: Floats
    sick: Floats

    @classmethod
    def draw(cls, rng: Rng) -> "Plant":
        """A plant; on all of them blights are equally hard to tell."""
        sides = rng.integers(0, 2, len(_FORMS)).tolist()
        chosen = [row[side] for row, side in zip(_FORMS, sides, strict=True)]
        forms = tuple(chosen[place] for place in rng.permutation(len(chosen)).tolist())
        slender, spacing, slope = np.round(
            np.array([0.56, 10.0, 0.5]) + np.array([0.12, 2.0, 0.2]) * rng.uniform(-1, 1, 3), 3
        ).tolist()
        pale = rng.uniform()[0] < 0.5
        greens = (_PALE_GREENS if pale else _DARK_GREENS)[rng.permutation(len(_PALE_GREENS))[:2]]
        sick = _DARK_MARKS if pale else _PALE_MARKS
        return cls((*forms, _smudge), slender, spacing, slope, greens, sick)

    def pictures(self, rng: Rng, per_class: int) -> tuple[list[bytes], NDArray[np.uint8]]:
        """JPEG files of 4 * per_class pictures and their labels, in random order."""
        labels = shuffled_classes(rng.child("order"), len(LABELS), per_class)
        leaves = _Leaves.draw(rng.child("leaves"), len(labels), self)
        cover = self._marked(rng.child("marks"), leaves, labels)
        drawn = _coloured(rng.child("colours"), leaves, cover, self)
        return _CAMERA.photographs(rng.child("camera"), drawn), labels

    def _marked(self, rng: Rng, leaves: "_Leaves", labels: NDArray[np.uint8]) -> _Plane:
        """How much of each pixel is covered by marks, (n, SIDE, SIDE), from 0 to 1."""
        n = len(labels)
        cover = np.zeros((n, SIDE, SIDE), np.float32)
        foreign = rng.uniform(size=(_MARKS, n)) < _FOREIGN
        kinds = np.where(foreign, rng.integers(0, len(LABELS), (_MARKS, n)), labels)
        seen = rng.uniform(size=(_MARKS, n)) < rng.uniform(0.5, 1.0, n)
        for kind, shown in zip(kinds, seen, strict=True):
            places = leaves.places(rng)
            sizes = np.asarray(rng.uniform(*_SIZES, n), np.float32)
            for number, form in enumerate(self.forms):
                here = np.flatnonzero(shown & (kind == number))
                _stamp(cover, here, form, places[here], leaves.turned(here), sizes[here])
        return cover


@dataclass(frozen=True)
class _Leaves:
    """n leaves: where they lie, in pixels, and which way they point."""

    centre: Floats
    across: Floats
    half: Floats
    wide: Floats

    @classmethod
    def draw(cls, rng: Rng, n: int, plant: Plant) -> "_Leaves":
        angle = rng.uniform(-np.pi, np.pi, n)
        across = np.rint(np.stack([np.cos(angle), np.sin(angle)], axis=-1) * 4096) / 4096
        half = rng.uniform(42, 52, n)
        wide = half * plant.slender * rng.uniform(0.85, 1.15, n)
        return cls(SIDE / 2 + rng.uniform(-6, 6, (n, 2)), across, half, wide)

    def turned(self, here: Ints) -> _Plane:
        return self.across[here].astype(np.float32)

    def places(self, rng: Rng) -> Floats:
        """A place on each leaf, (n, 2) in pixels."""
        n = len(self.half)
        u = rng.uniform(-0.8, 0.8, n)
        v = rng.uniform(-0.85, 0.85, n) * self.wide * (1 - u * u)
        cosine, sine = self.across.T
        u = u * self.half
        offset = np.stack([cosine * u - sine * v, sine * u + cosine * v], axis=-1)
        return np.asarray(self.centre + offset)


def _stamp(
    cover: _Plane, here: Ints, form: _Form, places: Floats, turned: _Plane, sizes: _Plane
) -> None:
    """Put one mark of a form on each picture `here`, turned as its leaf is."""
    pixel = np.clip(np.floor(places), _REACH, SIDE - 1 - _REACH).astype(np.int64)
    reach = np.arange(-_REACH, _REACH + 1)
    x, y = pixel[:, 0, None, None] + reach, pixel[:, 1, None, None] + reach[:, None]
    dx = (x - places[:, 0, None, None]).astype(np.float32) / sizes[:, None, None]
    dy = (y - places[:, 1, None, None]).astype(np.float32) / sizes[:, None, None]
    cosine, sine = turned[:, 0, None, None], turned[:, 1, None, None]
    mark = form(cosine * dx + sine * dy, cosine * dy - sine * dx)
    flat = cover.reshape(-1)
    where = (here[:, None, None] * SIDE + y) * SIDE + x
    flat[where] = np.maximum(flat[where], mark)


def _coloured(rng: Rng, leaves: _Leaves, cover: _Plane, plant: Plant) -> NDArray[np.uint8]:
    """The pictures (n, SIDE, SIDE, 3): ground, leaf, veins, marks."""
    n = len(cover)
    green, ground = _mixed(rng, n, plant.greens), _mixed(rng, n, _GROUNDS)
    sick = _mixed(rng, n, plant.sick)
    vein = green * np.where(rng.uniform(size=(n, 1)) < 0.5, 1.25, 0.75)
    strength = rng.uniform(0.7, 1.0, n).astype(np.float32)
    inks = np.stack([ground, green - ground, vein - green, sick], axis=1).astype(np.float32)
    pictures = np.empty((n, SIDE, SIDE, 3), np.uint8)
    for index, (back, leafy, veined, marked) in enumerate(inks):
        leaf, veins = _anatomy(leaves, index, plant)
        marks = cover[index] * leaf * strength[index]
        for channel in range(3):
            plane = leaf * (leafy[channel] + veins * veined[channel]) + back[channel]
            plane += marks * (marked[channel] - plane)
            pictures[index, :, :, channel] = np.clip(plane, 0, 255)
    return pictures


def _mixed(rng: Rng, n: int, tones: Floats) -> Floats:
    share = rng.uniform(size=(n, 1))
    mixed = share * tones[rng.choice(len(tones), n)]
    mixed = mixed + (1 - share) * tones[rng.choice(len(tones), n)]
    return np.asarray(mixed * rng.uniform(0.85, 1.1, (n, 1)))


def _anatomy(leaves: _Leaves, index: int, plant: Plant) -> tuple[_Plane, _Plane]:
    """How much of each pixel is leaf, and how much vein."""
    axis = np.arange(SIDE, dtype=np.float32)
    (x, y), (cosine, sine) = leaves.centre[index], leaves.across[index]
    dx, dy = axis - np.float32(x), (axis - np.float32(y))[:, None]
    u = np.float32(cosine) * dx + np.float32(sine) * dy
    v = np.abs(np.float32(cosine) * dy - np.float32(sine) * dx)
    share = u / np.float32(leaves.half[index])
    leaf = _edge(np.float32(leaves.wide[index]) * (1 - share * share) - v)
    way = (u - v * np.float32(plant.slope)) / np.float32(plant.spacing)
    side = np.abs(way - np.rint(way)) * np.float32(plant.spacing)
    veins = np.maximum(_edge(0.8 - v), np.float32(0.6) * _edge(0.4 - side))
    return leaf, veins
