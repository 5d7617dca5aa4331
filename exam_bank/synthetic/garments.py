"""Drawn garments: 28 × 28 grey pictures with the ten classes of Fashion-MNIST.

Made so that the well-known course models behave here as they do there: shoes, bags and
trousers are easy, while T-shirt, pullover, dress, coat and shirt share one cut whose
sleeves, length, collar and buttons differ in distribution only, so some of them can be
told apart by no one and the last points take a model that looks closely.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from exam_bank.synthetic.drawing import (
    Part,
    chance,
    mirrored,
    outline,
    paint,
    shuffled_classes,
    strokes,
)
from exam_bank.synthetic.rng import Floats, Rng

LABELS = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SIDE = 28
_FINE = 3  # drawn at this many times the side, then averaged down: soft edges
_NOISE = 13.0


@dataclass(frozen=True)
class _Cut:
    """What distinguishes one garment of the torso family; pairs are (mean, sd)."""

    sleeve: tuple[float, float]
    long_sleeve: float
    hem: tuple[float, float]
    waist: tuple[float, float]
    flare: tuple[float, float]
    collar: float
    opening: float
    cuffs: float
    bare: float = 0.0


_CUTS = {
    "T-shirt/top": _Cut(
        (0.36, 0.09), 0.06, (0.72, 0.09), (0.94, 0.05), (0.98, 0.05), 0.05, 0.05, 0.1, 0.08
    ),
    "Pullover": _Cut((1.28, 0.10), 0.98, (0.70, 0.08), (0.96, 0.05), (0.99, 0.06), 0.10, 0.05, 0.7),
    "Dress": _Cut(
        (0.40, 0.14), 0.25, (0.97, 0.06), (0.74, 0.08), (1.15, 0.22), 0.12, 0.12, 0.1, 0.45
    ),
    "Coat": _Cut((1.28, 0.10), 0.99, (0.88, 0.08), (0.93, 0.06), (1.08, 0.09), 0.65, 0.88, 0.2),
    "Shirt": _Cut((0.42, 0.12), 0.62, (0.76, 0.09), (0.92, 0.06), (0.99, 0.06), 0.72, 0.72, 0.4),
}


def pictures(rng: Rng, per_class: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images (10 * per_class, 28, 28) uint8 and labels (10 * per_class,) in random order."""
    labels = shuffled_classes(rng.child("order"), len(LABELS), per_class)
    images = np.empty((len(labels), SIDE, SIDE), np.uint8)
    for number, label in enumerate(LABELS):
        images[labels == number] = _of_class(rng.child(label), label, per_class)
    return images, labels


def _of_class(rng: Rng, label: str, n: int) -> NDArray[np.uint8]:
    cloth = rng.uniform(95, 250, n)
    parts = _torso(rng, n, cloth, _CUTS[label]) if label in _CUTS else _DRAWN[label](rng, n, cloth)
    matrix, shift = _pose(rng, n)
    flat = _rasters([part.moved(matrix, shift) for part in parts])
    dressed = flat * _print(rng, n) * _light(rng, n)
    noisy = dressed + _grain(rng, n) * (0.25 + 0.75 * (flat > 0))
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)


def _rasters(parts: list[Part]) -> NDArray[np.float32]:
    """The parts on black, (n, 28, 28), 0 to 255."""
    fine = SIDE * _FINE
    image = Image.new("L", (fine, fine))
    draw = ImageDraw.Draw(image)
    drawn = []
    for picture in strokes(parts):
        draw.rectangle((0, 0, fine, fine), fill=0)
        paint(draw, picture)
        drawn.append(image.reduce(_FINE).tobytes())
    return np.frombuffer(b"".join(drawn), np.uint8).reshape(-1, SIDE, SIDE).astype(np.float32)


def _pose(rng: Rng, n: int) -> tuple[Floats, Floats]:
    """From the unit square's coordinates (-1 to 1) to fine pixels, (n, 2, 2) and (n, 2)."""
    angle, shear = rng.normal(0, 0.07, n), rng.normal(0, 0.07, n)
    wide, tall = rng.uniform(0.80, 1.02, n), rng.uniform(0.84, 1.02, n)
    side = np.where(chance(rng, 0.25, n), -1.0, 1.0)
    matrix = np.stack([wide * side, shear - angle, angle * side, tall], axis=-1)
    half = SIDE * _FINE / 2
    return matrix.reshape(n, 2, 2) * (half * 0.92), half + rng.normal(0, 2.2, (n, 2))


def _grid() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    axis = np.linspace(-1, 1, SIDE, dtype=np.float32)
    return np.meshgrid(axis, axis)


def _print(rng: Rng, n: int) -> NDArray[np.float32]:
    """A factor for each pixel (n, 28, 28): plain cloth, stripes, checks, a motif."""
    factor = _stripes(rng.child("stripes"), n, 0.30) * _stripes(rng.child("checks"), n, 0.15)
    x, y = _grid()
    size = np.where(chance(rng, 0.2, n), rng.uniform(0.1, 0.3, n), -1.0)
    depth = rng.uniform(-0.45, 0.3, n)
    left, top = rng.normal(0, 0.15, n), rng.normal(-0.1, 0.2, n)
    across, down = np.abs(x - _column(left)), np.abs(y - _column(top))
    motif = np.maximum(across, down) < _column(size)
    return np.asarray(factor * (1 + _column(depth) * motif), np.float32)


def _stripes(rng: Rng, n: int, probability: float) -> NDArray[np.float32]:
    x, y = _grid()
    depth = np.where(chance(rng, probability, n), rng.uniform(0.15, 0.55, n), 0.0)
    upright = chance(rng, 0.4, n)
    lean, pitch = rng.normal(0, 0.12, n), rng.uniform(1.5, 5.0, n)
    ahead, aside = np.where(upright, 1.0, lean) * pitch, np.where(upright, lean, 1.0) * pitch
    wave = x * _column(ahead) + y * _column(aside) + _column(rng.uniform(10, 11, n))
    return np.asarray(1 - _column(depth) * (wave - np.floor(wave) < 0.5), np.float32)


def _light(rng: Rng, n: int) -> NDArray[np.float32]:
    """A gradient over each picture, about 1."""
    x, y = _grid()
    across, down = rng.normal(0, 0.10, n), rng.normal(0, 0.10, n)
    return np.asarray(0.95 + _column(across) * x + _column(down) * y, np.float32)


def _grain(rng: Rng, n: int) -> NDArray[np.float32]:
    """Sensor noise; each picture reads one long strip from a place of its own."""
    strip = rng.normal(0, _NOISE, 1 << 16).astype(np.float32)
    starts = rng.integers(0, len(strip) - SIDE * SIDE, n)
    pieces = strip[starts[:, None] + np.arange(SIDE * SIDE)]
    return np.asarray(pieces).reshape(n, SIDE, SIDE)


def _column(values: Floats) -> NDArray[np.float32]:
    return values.astype(np.float32)[:, None, None]


def _normal(rng: Rng, spread: tuple[float, float], n: int) -> Floats:
    return rng.normal(spread[0], spread[1], n)


def _torso(rng: Rng, n: int, cloth: Floats, cut: _Cut) -> list[Part]:
    """T-shirt, pullover, dress, coat and shirt: one body whose cut differs."""
    shoulder, top = rng.normal(0.50, 0.05, n), rng.normal(-0.80, 0.04, n)
    neck, dip = rng.uniform(0.14, 0.26, n), rng.uniform(0.04, 0.22, n)
    hem, chest = _normal(rng, cut.hem, n), shoulder * rng.normal(0.96, 0.04, n)
    waist, foot = shoulder * _normal(rng, cut.waist, n), shoulder * _normal(rng, cut.flare, n)
    arm, middle = top + rng.normal(0.42, 0.05, n), (top + hem) / 2
    half = [(neck, top - 0.06), (shoulder, top + 0.08), (chest, arm), (waist, middle), (foot, hem)]
    body = outline(*half, *((-x, y) for x, y in reversed(half)))
    sleeves = _sleeves(rng, n, cloth, cut, shoulder, top, arm)
    hole = outline(
        (-neck, top - 0.1), (neck, top - 0.1), (neck * 0.5, top + dip), (-neck * 0.5, top + dip)
    )
    has_collar, opens = chance(rng, cut.collar, n), chance(rng, cut.opening, n)
    trim = cloth * np.where(chance(rng, 0.5, n), 0.62, 1.3)
    wing = outline(
        (0.02, top + dip),
        (neck * 1.05, top - 0.10),
        (neck * 1.5, top + dip),
        (0.14, top + dip + 0.2),
    )
    seam = rng.uniform(0.025, 0.06, n)
    front = outline((-seam, top + dip), (seam, top + dip), (seam, hem), (-seam, hem))
    return [
        *sleeves,
        Part(body, cloth),
        Part(hole, cloth * 0.12),
        Part(front, cloth * rng.uniform(0.4, 0.75, n), opens),
        Part(wing, trim, has_collar),
        Part(mirrored(wing), trim, has_collar),
    ]


def _sleeves(
    rng: Rng, n: int, cloth: Floats, cut: _Cut, shoulder: Floats, top: Floats, arm: Floats
) -> list[Part]:
    """Two sleeves, and the cuffs that end some of them."""
    short, long = _normal(rng, cut.sleeve, n), rng.normal(1.28, 0.10, n)
    length = np.where(chance(rng, cut.long_sleeve, n), long, np.minimum(short, 1.0))
    spread = np.where(length > 0.8, rng.uniform(0.14, 0.36, n), rng.uniform(0.35, 0.75, n))
    wide, bare = rng.uniform(0.17, 0.25, n), chance(rng, cut.bare, n)
    out, down = length * spread, length * (1 - 0.4 * spread)
    cuff_x, cuff_y = shoulder + out, top + 0.08 + down
    drop = wide * rng.uniform(0.15, 0.5, n)
    sleeve = outline(
        (shoulder * 0.85, top), (shoulder * 1.05, top + 0.08), (cuff_x, cuff_y),
        (cuff_x - wide, cuff_y + drop), (shoulder * 0.9, arm),
    )  # fmt: skip
    cuff = outline(
        (cuff_x, cuff_y), (cuff_x - wide, cuff_y + drop),
        (cuff_x - wide - 0.02, cuff_y + drop - 0.1), (cuff_x - 0.03, cuff_y - 0.1),
    )  # fmt: skip
    shade, worn = cloth * rng.uniform(0.72, 1.0, n), ~bare
    cuffed = worn & chance(rng, cut.cuffs, n)
    return [
        Part(sleeve, shade, worn),
        Part(mirrored(sleeve), shade, worn),
        Part(cuff, shade * 0.7, cuffed),
        Part(mirrored(cuff), shade * 0.7, cuffed),
    ]


def _trouser(rng: Rng, n: int, cloth: Floats) -> list[Part]:
    hip, waist = rng.normal(0.40, 0.05, n), rng.normal(0.33, 0.04, n)
    fork, gap = rng.uniform(-0.45, -0.1, n), rng.uniform(0.01, 0.14, n)
    foot, end = rng.uniform(0.16, 0.34, n), np.where(chance(rng, 0.15, n), 0.25, 0.93)
    leg = outline(
        (0, -0.92), (waist, -0.92), (hip, -0.5), (gap + foot, end), (gap, end), (0, fork)
    )  # fmt: skip
    belt = outline((-waist, -0.92), (waist, -0.92), (waist * 1.04, -0.8), (-waist * 1.04, -0.8))
    shade = rng.uniform(0.85, 1.0, n)
    return [
        Part(leg, cloth),
        Part(mirrored(leg), cloth * shade),
        Part(belt, cloth * 0.65, chance(rng, 0.5, n)),
    ]


def _bag(rng: Rng, n: int, cloth: Floats) -> list[Part]:
    wide, high = rng.uniform(0.55, 0.95, n), rng.uniform(0.35, 0.65, n)
    low, lean = rng.uniform(0.55, 0.85, n), rng.uniform(0.75, 1.05, n)
    top = low - 2 * high * 0.9
    body = outline((-wide * lean, top), (wide * lean, top), (wide, low), (-wide, low))
    rise, reach = rng.uniform(0.15, 0.6, n), wide * rng.uniform(0.4, 0.8, n)
    strap, held = rng.uniform(0.05, 0.12, n), chance(rng, 0.8, n)
    peak = np.maximum(top - rise, -0.97)
    handle = outline((-reach, top), (-reach * 0.75, peak), (reach * 0.75, peak), (reach, top))
    inner = outline(
        (-reach + strap, top), (-reach * 0.75 + strap, peak + strap),
        (reach * 0.75 - strap, peak + strap), (reach - strap, top),
    )  # fmt: skip
    fold = top + high * rng.uniform(0.5, 1.0, n)
    flap = outline((-wide * lean, top), (wide * lean, top), (wide * 0.9, fold), (-wide * 0.9, fold))
    return [
        Part(handle, cloth * 0.8, held),
        Part(inner, cloth * 0, held),
        Part(body, cloth),
        Part(flap, cloth * rng.uniform(0.6, 0.85, n), chance(rng, 0.5, n)),
    ]


def _sneaker(rng: Rng, n: int, cloth: Floats) -> list[Part]:
    return _shoe(rng, n, cloth, rng.normal(0.50, 0.10, n), heeled=0.05, soled=0.75)


def _ankle_boot(rng: Rng, n: int, cloth: Floats) -> list[Part]:
    return _shoe(rng, n, cloth, rng.normal(1.05, 0.18, n), heeled=0.55, soled=0.4)


def _shoe(
    rng: Rng, n: int, cloth: Floats, shaft: Floats, *, heeled: float, soled: float
) -> list[Part]:
    """A shoe from the side, its toe to the left; `shaft` is the height of its ankle part."""
    ground, sole = rng.normal(0.62, 0.06, n), rng.uniform(0.08, 0.18, n)
    heel = np.where(chance(rng, heeled, n), rng.uniform(0.08, 0.3, n), 0.0)
    toe, vamp = rng.uniform(0.16, 0.30, n), rng.uniform(-0.2, 0.15, n)
    base, top = ground - sole, ground - sole - heel - shaft
    upper = outline(
        (-0.92, base), (-0.86, base - toe), (vamp - 0.3, base - toe * 1.5 - heel * 0.5),
        (vamp, np.minimum(top + 0.05, base - toe * 1.6)), (0.82, top - 0.05), (0.9, base - heel),
    )  # fmt: skip
    bottom = outline(
        (-0.95, base), (0.1, base - heel * 0.4), (0.92, base - heel), (0.92, base - heel + sole),
        (0.1, base - heel * 0.4 + sole), (-0.92, ground),
    )  # fmt: skip
    block = outline((0.45, base - heel), (0.92, base - heel), (0.86, ground), (0.5, ground))
    lace = outline(
        (vamp - 0.32, base - toe * 1.4), (vamp - 0.02, top + 0.1),
        (vamp + 0.12, top + 0.16), (vamp - 0.18, base - toe * 1.2),
    )  # fmt: skip
    tread = cloth * np.where(chance(rng, soled, n), rng.uniform(1.2, 1.7, n), 0.6)
    return [
        Part(upper, cloth),
        Part(block, tread, heel > 0),
        Part(bottom, tread),
        Part(lace, cloth * rng.uniform(0.5, 1.4, n), chance(rng, 0.6, n)),
    ]


def _sandal(rng: Rng, n: int, cloth: Floats) -> list[Part]:
    ground, sole = rng.normal(0.55, 0.06, n), rng.uniform(0.06, 0.14, n)
    heel = np.where(chance(rng, 0.45, n), rng.uniform(0.15, 0.6, n), 0.03)
    rise, thick = rng.uniform(0.25, 0.55, n), rng.uniform(0.06, 0.15, n)
    base = ground - sole
    bottom = outline(
        (-0.92, base), (0.0, base - heel * 0.5), (0.9, base - heel), (0.9, base - heel + sole),
        (0.0, base - heel * 0.5 + sole), (-0.92, ground),
    )  # fmt: skip
    block = outline((0.65, base - heel), (0.9, base - heel), (0.86, ground), (0.74, ground))
    toe = _band(-0.8, base, -0.35, base - rise * 0.8, thick)
    toe_back = _band(-0.35, base - rise * 0.8, -0.1, base - heel * 0.4, thick)
    ankle = _band(0.25, base - heel * 0.6, 0.8, base - heel - rise * 1.3, thick)
    back = _band(0.82, base - heel, 0.82, base - heel - rise * 1.3, thick)
    middle = _band(-0.35, base - rise * 0.8, 0.8, base - heel - rise * 1.3, thick)
    return [
        Part(block, cloth * 0.8, heel > 0.1),
        Part(bottom, cloth * rng.uniform(0.7, 1.1, n)),
        Part(toe, cloth),
        Part(toe_back, cloth, chance(rng, 0.8, n)),
        Part(ankle, cloth, chance(rng, 0.65, n)),
        Part(back, cloth, chance(rng, 0.7, n)),
        Part(middle, cloth, chance(rng, 0.35, n)),
    ]


def _band(x0: float, y0: Floats, x1: float, y1: Floats, thick: Floats) -> Floats:
    """A strap: a quadrilateral along a line, `thick` wide to either side together."""
    half = thick / 2
    return outline(
        (x0 - half, y0), (x0 + half, y0 + half), (x1 + half, y1 + half), (x1 - half, y1 - half)
    )


_DRAWN: dict[str, Callable[[Rng, int, Floats], list[Part]]] = {
    "Trouser": _trouser,
    "Sandal": _sandal,
    "Sneaker": _sneaker,
    "Bag": _bag,
    "Ankle boot": _ankle_boot,
}
