"""A lost script: 28 × 28 grey pictures of ten signs that nobody has seen before.

Each seed invents an alphabet, so no model of another paper and no memory of one helps.
All alphabets are equally hard because of how they are drawn: five pairs of signs, far from
one another, and in each pair two sisters that share all strokes but one, whose difference
is always about the same amount of ink. A net that sees whole pictures tells the pairs
apart; telling sisters under scratches and chipped clay takes one that sees strokes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic.drawing import chance, shuffled_classes
from exam_bank.synthetic.rng import Floats, Ints, Rng

SIDE = 28
SIGNS = 10
_PAIRS, _STROKES = SIGNS // 2, 4
_COLUMNS, _ROWS = np.array([-0.62, 0.0, 0.62]), np.array([-0.78, -0.26, 0.26, 0.78])
_NODES = np.stack(np.meshgrid(_COLUMNS, _ROWS), axis=-1).reshape(-1, 2)
_DOTS = 18  # dots of ink along a stroke
_ALONG = (np.arange(_DOTS) + 0.5) / _DOTS
_TRIED, _EVEN = 80, 30  # pairs thought up; those whose sisters are evenly apart
_SISTERS = 24  # last strokes thought up for a sister, of which the best stays
_APART = 3.0  # how far sisters are apart, in the units of `_distance`
_SCRATCHES = 2
_SPREAD = 0.15  # ink that half covers a pixel

Pictures = NDArray[np.uint8]


@dataclass(frozen=True)
class Hand:
    """How much scribes and time differ: spreads of what is done to each sign."""

    wobble: float = 0.06
    lean: float = 0.20
    bend: float = 0.12
    small: float = 0.60
    astray: float = 0.16
    chipped: float = 0.35
    scratched: float = 0.6
    noise: float = 10.0


def alphabet(rng: Rng) -> Floats:
    """Ten signs as strokes: (10, 4, 3, 2), the corners of four quadratic Bézier curves.

    Signs 0 and 1 are sisters, 2 and 3, and so on.
    """
    elders = _filling(np.stack([_sign(rng) for _ in range(_TRIED)]))
    drawn = _plain(elders)
    pairs = [_sister(rng, elder, plain) for elder, plain in zip(elders, drawn, strict=True)]
    even = np.argsort([abs(apart - _APART) for _, apart in pairs], kind="stable")[:_EVEN]
    signs = []
    for index in even[_spread(drawn[even])]:
        signs += [elders[index], pairs[index][0]]
    return np.stack(signs)


def pictures(
    rng: Rng, signs: Floats, per_class: int, hand: Hand = Hand()
) -> tuple[Pictures, NDArray[np.uint8]]:
    """Images (10 * per_class, 28, 28) and labels, in random order, of an alphabet's signs."""
    labels = shuffled_classes(rng.child("order"), SIGNS, per_class)
    written = _written(rng.child("scribe"), signs[labels], hand)
    return _tablets(rng.child("clay"), written, hand), labels


def _sign(rng: Rng) -> Floats:
    """Four strokes; each but the first begins where an earlier one begins or ends."""
    strokes: list[Floats] = []
    while len(strokes) < _STROKES:
        strokes.append(_stroke(rng, strokes))
    return np.stack(strokes)


def _stroke(rng: Rng, before: list[Floats]) -> Floats:
    """A stroke (3, 2) from a node of the grid to another, bent to one side, or straight."""
    joined = [(stroke[0], stroke[2]) for stroke in before]
    ends = [end for pair in joined for end in pair] or list(_NODES)
    start = _one_of(rng, ends)
    away = np.abs(_NODES - start).sum(axis=1)
    taken = [other for pair in joined for own, other in (pair, pair[::-1]) if (own == start).all()]
    free = [not any((node == other).all() for other in taken) for node in _NODES]
    end = _one_of(rng, list(_NODES[(away > 0.5) & (away < 1.5) & free]))
    bend = _one_of(rng, [np.array(-0.45), np.array(0.0), np.array(0.45)])
    along = end - start
    return np.stack([start, (start + end) / 2 + bend * np.array([-along[1], along[0]]), end])


def _one_of(rng: Rng, options: list[Floats]) -> Floats:
    return options[int(rng.integers(0, len(options))[0])]


def _sister(rng: Rng, sign: Floats, drawn: Floats) -> tuple[Floats, float]:
    """The same sign with another last stroke, about `_APART` away from it, and how far."""
    kept = list(sign[:-1])
    options = np.stack([np.stack([*kept, _stroke(rng, kept)]) for _ in range(_SISTERS)])
    apart = np.round([_distance(drawn, each) for each in _plain(_filling(options))], 6)
    best = int(np.argmin(np.abs(apart - _APART)))
    return _filling(options)[best], float(apart[best])


def _filling(signs: Floats) -> Floats:
    """Signs moved and stretched, not too unevenly, to fill the square from -1 to 1."""
    low, high = signs.min(axis=(1, 2), keepdims=True), signs.max(axis=(1, 2), keepdims=True)
    half = (high - low) / 2
    half = np.maximum(half, half.max(axis=-1, keepdims=True) * 0.7)
    return np.asarray((signs - (low + high) / 2) / half * 0.9)


def _spread(drawn: Floats) -> list[int]:
    """The places of `_PAIRS` pictures that are far apart, taken one by one."""
    taken = [0]
    while len(taken) < _PAIRS:
        least = [min(_distance(each, drawn[t]) for t in taken) for each in drawn]
        taken.append(int(np.argmax(np.round(least, 6))))
    return taken


def _distance(one: Floats, other: Floats) -> float:
    return float(np.sqrt(((one - other) ** 2).sum()))


def _plain(signs: Floats) -> Floats:
    """Signs (n, 4, 3, 2) as a perfect scribe writes them, (n, 28, 28), softened."""
    ink = _soft(_inked(_to_pixels(signs), np.ones(signs.shape[:2])))
    return np.asarray(_soft(ink / (ink + _SPREAD)), np.float64)


def _written(rng: Rng, signs: Floats, hand: Hand) -> NDArray[np.float32]:
    """How much ink each picture (n, 28, 28) has, from 0 to 1, scratches included."""
    n = len(signs)
    strokes = signs + rng.normal(0, hand.wobble, signs.shape)
    strokes += rng.normal(0, hand.wobble, (n, _STROKES, 1, 2))
    strokes = _posed(rng, _bent(rng, strokes, hand), hand)
    scratches = rng.uniform(-1.1, 1.1, (n, _SCRATCHES, 3, 2))
    weights = np.concatenate(
        [
            rng.uniform(0.7, 1.3, (n, _STROKES)),
            rng.uniform(0.2, 0.7, (n, _SCRATCHES)) * chance(rng, hand.scratched, n)[:, None],
        ],
        axis=1,
    )
    ink = _inked(_to_pixels(np.concatenate([strokes, scratches], axis=1)), weights)
    ink = _soft(ink)
    return np.asarray(ink / (ink + np.float32(_SPREAD)), np.float32)


def _bent(rng: Rng, strokes: Floats, hand: Hand) -> Floats:
    """Whole signs pushed about by a curved field: what is straight comes out bent."""
    x, y = strokes[..., 0], strokes[..., 1]
    field = rng.normal(0, hand.bend, (6, len(strokes), 1, 1))
    right = field[0] * x * y + field[1] * y * y + field[2] * x * x
    down = field[3] * x * y + field[4] * x * x + field[5] * y * y
    return np.asarray(strokes + np.stack([right, down], axis=-1))


def _posed(rng: Rng, strokes: Floats, hand: Hand) -> Floats:
    """Whole signs turned, sheared, scaled and moved."""
    n = len(strokes)
    turn, shear = rng.normal(0, hand.lean, (n, 1, 1)), rng.normal(0, hand.lean, (n, 1, 1))
    wide, tall = rng.uniform(hand.small, 0.95, (2, n, 1, 1))
    x, y = strokes[..., 0] * wide, strokes[..., 1] * tall
    moved = rng.normal(0, hand.astray, (2, n, 1, 1))
    return np.stack([x - (turn + shear) * y + moved[0], y + turn * x + moved[1]], axis=-1)


def _to_pixels(strokes: Floats) -> Floats:
    """From the square -1 to 1 to pixels, on a fine grid: all later sums are exact enough."""
    return np.rint((SIDE / 2 + strokes * (SIDE * 0.46)) * 256) / 256


def _inked(strokes: Floats, weights: Floats) -> NDArray[np.float32]:
    """Ink (n, SIDE, SIDE) of strokes (n, s, 3, 2) in pixels: dots, thicker at the start."""
    one, two, three = (strokes[:, :, [each]] for each in range(3))
    t = _ALONG[:, None]
    dots = one * (1 - t) ** 2 + two * (2 * t * (1 - t)) + three * t**2
    span = three - one
    length = np.abs(span).max(axis=-1) + 0.5 * np.abs(span).min(axis=-1)
    ink = weights[..., None] * length * (1.3 - 0.7 * _ALONG) / _DOTS
    return _splashed(dots.reshape(len(strokes), -1, 2), ink.reshape(len(strokes), -1))


def _splashed(dots: Floats, ink: Floats) -> NDArray[np.float32]:
    """Each dot's ink shared between the four pixels about it."""
    n = len(dots)
    dots = np.clip(dots - 0.5, 0, SIDE - 1.001)
    corner = np.floor(dots).astype(np.int64)
    share = dots - corner
    base = (np.arange(n)[:, None] * SIDE + corner[..., 1]) * SIDE + corner[..., 0]
    across, down = share[..., 0], share[..., 1]
    places: list[Ints] = [base, base + 1, base + SIDE, base + SIDE + 1]
    shares = [
        (1 - across) * (1 - down), across * (1 - down), (1 - across) * down, across * down
    ]  # fmt: skip
    canvas = np.zeros(n * SIDE * SIDE)
    for place, part in zip(places, shares, strict=True):
        canvas += np.bincount(place.ravel(), (part * ink).ravel(), len(canvas))
    return canvas.reshape(n, SIDE, SIDE).astype(np.float32)


def _soft(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each pixel mixed with its neighbours, 1 : 2 : 1 both ways."""
    padded = np.pad(ink, [(0, 0), (1, 1), (1, 1)])
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return np.asarray((rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:]) / 16, np.float32)


def _tablets(rng: Rng, ink: NDArray[np.float32], hand: Hand) -> Pictures:
    """Signs on clay: chipped, unevenly lit, grainy."""
    n = len(ink)
    ink = ink * _chips(rng, n, hand.chipped)
    clay, chalk = _column(rng.uniform(10, 60, n)), _column(rng.uniform(160, 255, n))
    axis = np.linspace(-1, 1, SIDE, dtype=np.float32)
    light = _column(rng.normal(0, 0.15, n)) * axis + _column(rng.normal(0, 0.15, n)) * axis[:, None]
    strip = np.asarray(rng.normal(0, hand.noise, 1 << 16), np.float32)
    starts = rng.integers(0, len(strip) - SIDE * SIDE, n)
    grain = strip[starts[:, None] + np.arange(SIDE * SIDE)].reshape(n, SIDE, SIDE)
    shown = (clay + (chalk - clay) * ink) * (1 + light) + grain
    return np.asarray(np.clip(np.rint(shown), 0, 255), np.uint8)


def _chips(rng: Rng, n: int, share: float) -> NDArray[np.float32]:
    """A factor for each pixel: where a chip of clay is missing, little of the sign is left."""
    axis = np.linspace(-1, 1, SIDE, dtype=np.float32)
    left, top = _column(rng.uniform(-0.8, 0.8, n)), _column(rng.uniform(-0.8, 0.8, n))
    size = _column(np.where(chance(rng, share, n), rng.uniform(0.15, 0.4, n), 0.0))
    gone = (axis - left) ** 2 + (axis[:, None] - top) ** 2 < size**2
    return np.asarray(1 - np.float32(0.85) * gone, np.float32)


def _column(values: Floats) -> NDArray[np.float32]:
    return values.astype(np.float32)[:, None, None]
