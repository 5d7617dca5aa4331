"""Drawn garments: 28 × 28 grey pictures with the ten classes of Fashion-MNIST.

Made so that the well-known course models behave here as they do there: shoes, bags and
trousers are easy, while T-shirt, pullover, dress, coat and shirt share one cut whose
sleeves, length, collar and buttons differ in distribution only, so some of them can be
told apart by no one and the last points take a model that looks closely.
"""

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic import raster
from exam_bank.synthetic.drawing import Part, chance, shuffled_classes
from exam_bank.synthetic.garment_shapes import parts_of
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


def pictures(rng: Rng, per_class: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images (10 * per_class, 28, 28) uint8 and labels (10 * per_class,) in random order."""
    labels = shuffled_classes(rng.child("order"), len(LABELS), per_class)
    images = np.empty((len(labels), SIDE, SIDE), np.uint8)
    for number, label in enumerate(LABELS):
        images[labels == number] = _of_class(rng.child(label), label, per_class)
    return images, labels


def _of_class(rng: Rng, label: str, n: int) -> NDArray[np.uint8]:
    parts = parts_of(rng.child("shapes"), label, n)
    matrix, shift = _pose(rng, n)
    flat = _rasters([part.moved(matrix, shift) for part in parts])
    dressed = flat * _print(rng, n) * _light(rng, n)
    noisy = dressed + _grain(rng, n) * (0.25 + 0.75 * (flat > 0))
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)


def _rasters(parts: list[Part]) -> NDArray[np.float32]:
    """The parts on black, (n, 28, 28), 0 to 255."""
    n = len(parts[0].points)
    fine = raster.drawn(parts, np.zeros(n), SIDE * _FINE)
    rows = fine.reshape(n, SIDE, _FINE, SIDE * _FINE)
    # Slice by slice: numpy's own sum over two short axes takes ten times as long.
    lines = sum((rows[:, :, i] for i in range(1, _FINE)), rows[:, :, 0].astype(np.uint16))
    columns = lines.reshape(n, SIDE, SIDE, _FINE)
    levels = sum((columns[..., i] for i in range(1, _FINE)), columns[..., 0])
    return np.asarray(levels.astype(np.float32) / np.float32(_FINE * _FINE))


def _pose(rng: Rng, n: int) -> tuple[Floats, Floats]:
    """From the unit square's coordinates (-1 to 1) to fine pixels, (n, 2, 2) and (n, 2)."""
    angle, shear = rng.normal(0, 0.10, n), rng.normal(0, 0.08, n)
    wide, tall = rng.uniform(0.72, 0.96, n), rng.uniform(0.76, 0.96, n)
    side = np.where(chance(rng, 0.25, n), -1.0, 1.0)
    matrix = np.stack([wide * side, shear - angle, angle * side, tall], axis=-1)
    half = SIDE * _FINE / 2
    return matrix.reshape(n, 2, 2) * (half * 0.92), half + rng.normal(0, 3.6, (n, 2))


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
