"""Drawn hands: 150 × 150 colour pictures of rock, paper and scissors on clutter.

Neither colour nor place gives a hand away: its skin tone, light, turn, size and corner of
the picture vary, and finger-like bars lie about. What decides is how many fingers are
stretched out, so a net has to see local shape, and has to see it in every direction.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic import raster
from exam_bank.synthetic.camera import Camera
from exam_bank.synthetic.drawing import (
    Part,
    blob,
    capsule,
    chance,
    outline,
    shuffled_classes,
    turn,
)
from exam_bank.synthetic.rng import Floats, Rng

LABELS = ("paper", "rock", "scissors")  # in the order of their folders' names
SIDE = 150
_CAMERA = Camera()
_CLUTTER, _FRONT = 8, 2
_SKIN = np.array(
    [
        [255, 219, 186],
        [241, 194, 150],
        [224, 172, 125],
        [198, 134, 88],
        [141, 85, 52],
        [92, 56, 38],
    ],
    dtype=np.float64,
)
# Index to little finger: where it leaves the palm, how long it is, how far it leans out.
_ROOTS = np.array([[-0.66, -0.62], [-0.23, -0.76], [0.21, -0.74], [0.62, -0.58]])
_LENGTHS = np.array([1.22, 1.42, 1.30, 1.00])
_LEANS = np.array([-0.26, -0.08, 0.10, 0.30])
_WIDTH = 0.215


@dataclass(frozen=True)
class _Skin:
    """The colours (n, 3) of a hand: lit, and in the creases between its fingers."""

    lit: Floats
    crease: Floats


def pictures(rng: Rng, per_class: int) -> tuple[list[bytes], NDArray[np.uint8]]:
    """JPEG files of 150 × 150 pictures and their labels (3 * per_class,), in random order."""
    labels = shuffled_classes(rng.child("order"), len(LABELS), per_class)
    drawn = np.empty((len(labels), SIDE, SIDE, 3), np.uint8)
    for number, label in enumerate(LABELS):
        drawn[labels == number] = _of_class(rng.child(label), label, per_class)
    return _CAMERA.photographs(rng.child("camera"), drawn), labels


def _of_class(rng: Rng, label: str, n: int) -> NDArray[np.uint8]:
    tone = _tones(rng.child("skin"), n)
    matrix, shift = _pose(rng.child("pose"), n)
    hand = [part.moved(matrix, shift) for part in _hand(rng.child("hand"), label, n, tone)]
    behind = _clutter(rng.child("clutter"), n, _CLUTTER, tone, 0.50)
    before = _clutter(rng.child("front"), n, _FRONT, tone, 0.10)
    return raster.drawn([*behind, *hand, *before], rng.uniform(30, 225, (n, 3)), SIDE)


def _tones(rng: Rng, n: int) -> Floats:
    """Skin colours (n, 3): two of the palette mixed, in light of some strength and tint."""
    share = rng.uniform(size=(n, 1))
    first, second = _SKIN[rng.choice(len(_SKIN), n)], _SKIN[rng.choice(len(_SKIN), n)]
    mixed = share * first + (1 - share) * second
    return np.asarray(mixed * rng.uniform(0.8, 1.08, (n, 1)) * rng.normal(1, 0.03, (n, 3)))


def _pose(rng: Rng, n: int) -> tuple[Floats, Floats]:
    """From the palm's own coordinates to pixels, (n, 2, 2) and (n, 2)."""
    size, squeeze = rng.uniform(28, 38, n), rng.uniform(0.86, 1.10, n)
    side = np.where(chance(rng, 0.5, n), -1.0, 1.0)
    zero = np.zeros(n)
    shape = np.stack([size * side, size * rng.normal(0, 0.08, n), zero, size * squeeze], axis=-1)
    angle = np.where(chance(rng, 0.08, n), rng.uniform(-3.1, 3.1, n), rng.uniform(-0.7, 0.7, n))
    matrix = turn(angle) @ shape.reshape(n, 2, 2)
    middle = matrix @ np.array([0.0, -0.45])  # between palm and finger tips
    return matrix, SIDE / 2 + rng.uniform(-16, 16, (n, 2)) - middle


def _clutter(rng: Rng, n: int, most: int, tone: Floats, share: float) -> list[Part]:
    """Up to `most` things in each picture; some are bars, some have the hand's colour."""
    parts = []
    for _ in range(most):
        long = chance(rng, 0.45, n)
        radii = np.stack(
            [np.where(long, rng.uniform(15, 45, n), rng.uniform(7, 24, n)),
             np.where(long, rng.uniform(2.5, 8, n), rng.uniform(7, 24, n))], axis=-1
        )  # fmt: skip
        shape = blob(np.zeros((n, 2)), radii, 10, squareness=float(rng.uniform(0.3, 1.0)[0]))
        skin = chance(rng, 0.2, n)[:, None]
        colour = np.where(skin, tone * rng.uniform(0.85, 1.1, (n, 1)), rng.uniform(10, 245, (n, 3)))
        part = Part(shape, colour, chance(rng, share, n))
        parts.append(part.moved(turn(rng.uniform(0, 3.14, n)), rng.uniform(0, SIDE, (n, 2))))
    return parts


def _hand(rng: Rng, label: str, n: int, tone: Floats) -> list[Part]:
    """Forearm, sleeve, palm, fingers and thumb, from back to front."""
    skin = _Skin(tone, tone * rng.uniform(0.5, 0.68, (n, 1)))
    wrist = capsule(_at(n, 0, 0.4), _at(n, 0, 6), rng.uniform(0.5, 0.64, n))
    cuff = rng.uniform(1.3, 2.6, n)
    sleeve = outline((-0.8, cuff), (0.8, cuff), (0.95, 9.0), (-0.95, 9.0))
    palm = blob(
        _at(n, 0, 0) + rng.normal(0, 0.02, (n, 2)),
        np.array([0.92, 0.95]) + rng.normal(0, 0.04, (n, 2)),
    )
    cloth = rng.uniform(10, 245, (n, 3))
    back = [
        Part(wrist, tone * 0.95),
        Part(sleeve, cloth, chance(rng, 0.6, n)),
        Part(palm, tone * rng.uniform(0.9, 1.0, (n, 1))),
    ]
    return [*back, *_FINGERS[label](rng, n, skin)]


def _paper(rng: Rng, n: int, skin: _Skin) -> list[Part]:
    fan = rng.uniform(0.5, 1.5, n)
    parts: list[Part] = []
    for finger in range(4):
        parts += _stretched(rng, n, skin, finger, _LEANS[finger] * fan)
    return [*parts, *_thumb_out(rng, n, skin)]


def _rock(rng: Rng, n: int, skin: _Skin) -> list[Part]:
    parts: list[Part] = []
    for finger in range(4):
        parts += _curled(rng, n, skin, finger)
    return [*parts, *_thumb_across(rng, n, skin)]


def _scissors(rng: Rng, n: int, skin: _Skin) -> list[Part]:
    fork, lean = rng.uniform(0.14, 0.34, n), rng.normal(-0.05, 0.06, n)
    return [
        *_stretched(rng, n, skin, 0, lean - fork),
        *_stretched(rng, n, skin, 1, lean + fork),
        *_curled(rng, n, skin, 2),
        *_curled(rng, n, skin, 3),
        *_thumb_across(rng, n, skin),
    ]


_FINGERS: dict[str, Callable[[Rng, int, _Skin], list[Part]]] = {
    "paper": _paper,
    "rock": _rock,
    "scissors": _scissors,
}


def _at(n: int, x: float, y: float) -> Floats:
    return np.tile(np.array([[x, y]], dtype=np.float64), (n, 1))


def _limb(start: Floats, end: Floats, width: Floats, shade: Floats, skin: _Skin) -> list[Part]:
    """A finger: its dark edge, then itself."""
    return [
        Part(capsule(start, end, width + 0.045, taper=0.9), skin.crease),
        Part(capsule(start, end, width, taper=0.88), skin.lit * shade[:, None]),
    ]


def _stretched(rng: Rng, n: int, skin: _Skin, finger: int, lean: Floats) -> list[Part]:
    root = _ROOTS[finger] + rng.normal(0, 0.03, (n, 2)) + np.array([0.0, 0.2])
    angle = lean + rng.normal(0, 0.04, n)
    length = _LENGTHS[finger] * rng.uniform(0.85, 1.1, n) + 0.2
    reach = np.stack([np.sin(angle), -np.cos(angle)], axis=-1) * length[:, None]
    return _limb(root, root + reach, rng.normal(_WIDTH, 0.015, n), rng.uniform(0.93, 1.05, n), skin)


def _curled(rng: Rng, n: int, skin: _Skin, finger: int) -> list[Part]:
    root = _ROOTS[finger] + rng.normal(0, 0.03, (n, 2)) + np.array([0.0, -0.06])
    fold = np.stack([rng.normal(0, 0.04, n), rng.uniform(0.5, 0.75, n)], axis=-1)
    return _limb(root, root + fold, rng.normal(_WIDTH, 0.015, n), rng.uniform(0.88, 1.03, n), skin)


def _thumb_out(rng: Rng, n: int, skin: _Skin) -> list[Part]:
    start = _at(n, -0.62, 0.35) + rng.normal(0, 0.04, (n, 2))
    angle, length = rng.uniform(-1.25, -0.5, n), rng.uniform(0.9, 1.15, n)
    reach = np.stack([np.sin(angle), -np.cos(angle)], axis=-1) * length[:, None]
    return _limb(start, start + reach, rng.normal(0.25, 0.015, n), rng.uniform(0.93, 1.05, n), skin)


def _thumb_across(rng: Rng, n: int, skin: _Skin) -> list[Part]:
    start = _at(n, -0.72, 0.48) + rng.normal(0, 0.04, (n, 2))
    reach = np.stack([rng.uniform(0.75, 1.15, n), rng.uniform(-0.5, -0.2, n)], axis=-1)
    return _limb(start, start + reach, rng.normal(0.25, 0.015, n), rng.uniform(0.93, 1.05, n), skin)
