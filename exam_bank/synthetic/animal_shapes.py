"""Eight animals from the side, as polygons: length about 2, feet at y = 0.8, facing right.

They come in four pairs that are alike in body and differ in what a camera at a garden
gate has to look at: tail and muzzle, comb and bill, horns and wool, ears and spines.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exam_bank.synthetic.drawing import Part, blob, capsule, chance
from exam_bank.synthetic.rng import Floats, Rng

BEASTS = (("cat", "fox"), ("sheep", "goat"))
SMALL = (("hen", "duck"), ("rabbit", "hedgehog"))


@dataclass(frozen=True)
class Coat:
    """The colours (n, 3) of n animals: most of the body, its shaded side, its markings."""

    body: Floats
    shade: Floats
    mark: Floats

    @classmethod
    def draw(cls, rng: Rng, n: int, tones: Floats) -> "Coat":
        """Coats between the given tones (k, 3); no animal has a colour of its own."""
        share = rng.uniform(size=(n, 1))
        body = share * tones[rng.choice(len(tones), n)]
        body = body + (1 - share) * tones[rng.choice(len(tones), n)]
        mark = tones[rng.choice(len(tones), n)] * rng.uniform(0.7, 1.1, (n, 1))
        return cls(body, body * rng.uniform(0.7, 0.9, (n, 1)), mark)


def animal(rng: Rng, kind: str, n: int, coat: Coat) -> list[Part]:
    """The polygons of n animals of a kind, from back to front."""
    return _ANIMALS[kind](rng, n, coat)


def _at(rng: Rng, n: int, x: float, y: float, loose: float = 0.03) -> Floats:
    """Points (n, 2) about (x, y)."""
    return np.array([x, y]) + rng.normal(0, loose, (n, 2))


def _step(x: float, y: float) -> Floats:
    return np.array([x, y])


def _round(centre: Floats, rng: Rng, wide: float, high: float, fill: Floats) -> Part:
    radii = np.array([wide, high]) * rng.normal(1, 0.06, (len(centre), 2))
    return Part(blob(centre, radii, 14, squareness=1.0), fill)


def _limb(start: Floats, end: Floats, width: float, fill: Floats, *, taper: float = 0.9) -> Part:
    return Part(capsule(start, end, np.full(len(start), width), taper=taper), fill)


def _triangle(base: Floats, tip: Floats, width: float, fill: Floats) -> Part:
    """A spike from the middle of its base to its tip, (n, 2) each."""
    along = tip - base
    long = np.sqrt((along**2).sum(axis=1, keepdims=True)) + 1e-6
    side = np.stack([-along[:, 1], along[:, 0]], axis=-1) / long * width
    return Part(np.stack([base + side, tip, base - side], axis=1), fill)


def _legs(
    rng: Rng, n: int, coat: Coat, places: tuple[float, ...], top: float, width: float
) -> list[Part]:
    """Legs from `top` to the ground, the far ones shaded; each takes its own step."""
    parts = []
    for index, x in enumerate(places):
        foot = np.stack([x + rng.normal(0, 0.10, n), np.full(n, 0.78)], axis=-1)
        fill = coat.shade if index % 2 else coat.body
        parts.append(_limb(_at(rng, n, x, top), foot, width, fill * (0.85 if index % 2 else 0.95)))
    return parts


def _cat(rng: Rng, n: int, coat: Coat) -> list[Part]:
    root, bend = _at(rng, n, -0.55, -0.1), _at(rng, n, -0.95, -0.35, 0.08)
    tip, head = bend + _at(rng, n, 0.08, -0.45, 0.12), _at(rng, n, 0.66, -0.38)
    return [
        _limb(root, bend, 0.075, coat.shade),
        _limb(bend, tip, 0.07, coat.shade),
        *_legs(rng, n, coat, (-0.45, -0.30, 0.38, 0.5), 0.15, 0.085),
        _round(_at(rng, n, 0, 0.0), rng, 0.64, 0.29, coat.body),
        *_patches(rng, n, coat),
        _triangle(head + _step(-0.13, -0.14), head + _at(rng, n, -0.17, -0.38), 0.10, coat.shade),
        _triangle(head + _step(0.10, -0.14), head + _at(rng, n, 0.12, -0.38), 0.10, coat.body),
        _round(head, rng, 0.26, 0.235, coat.body),
        _round(head + _step(0.17, 0.08), rng, 0.11, 0.09, coat.mark),
    ]


def _fox(rng: Rng, n: int, coat: Coat) -> list[Part]:
    root, tip = _at(rng, n, -0.5, 0.02), _at(rng, n, -1.12, 0.28, 0.12)
    middle, head = (root + tip * 1.4) / 2.4, _at(rng, n, 0.66, -0.36)
    return [
        _limb(root, middle, 0.10, coat.shade, taper=1.6),
        _limb(middle, tip, 0.17, coat.shade, taper=0.5),
        *_legs(rng, n, coat, (-0.45, -0.30, 0.38, 0.5), 0.15, 0.07),
        _round(_at(rng, n, 0, 0.0), rng, 0.64, 0.27, coat.body),
        *_patches(rng, n, coat),
        _triangle(head + _step(-0.12, -0.10), head + _at(rng, n, -0.18, -0.42), 0.11, coat.shade),
        _triangle(head + _step(0.05, -0.12), head + _at(rng, n, 0.06, -0.42), 0.11, coat.body),
        _round(head, rng, 0.22, 0.19, coat.body),
        _triangle(head + _step(0.05, 0.03), head + _at(rng, n, 0.52, 0.12), 0.15, coat.mark),
    ]


def _patches(rng: Rng, n: int, coat: Coat) -> list[Part]:
    """Spots or a belly of the second colour on some."""
    spot = _round(_at(rng, n, 0.1, -0.05, 0.2), rng, 0.17, 0.11, coat.mark)
    belly = _round(_at(rng, n, 0.05, 0.14), rng, 0.42, 0.10, coat.mark)
    return [
        Part(spot.points, spot.fill, chance(rng, 0.4, n)),
        Part(belly.points, belly.fill, chance(rng, 0.4, n)),
    ]


def _bird_legs(rng: Rng, n: int, coat: Coat, top: float) -> list[Part]:
    return [part for x in (-0.1, 0.14) for part in _bird_leg(rng, n, coat, x, top)]


def _bird_leg(rng: Rng, n: int, coat: Coat, x: float, top: float) -> list[Part]:
    foot = np.stack([x + rng.normal(0, 0.08, n), np.full(n, 0.76)], axis=-1)
    return [
        _limb(_at(rng, n, x, top), foot, 0.05, coat.mark * 0.8),
        _limb(foot - _step(0.05, 0), foot + _step(0.16, 0), 0.045, coat.mark * 0.8),
    ]


def _hen(rng: Rng, n: int, coat: Coat) -> list[Part]:
    head = _at(rng, n, 0.50, -0.52)
    tail = [
        _limb(_at(rng, n, -0.4, 0), _at(rng, n, x, y, 0.06), 0.11, coat.shade)
        for x, y in ((-0.62, -0.62), (-0.8, -0.5), (-0.92, -0.32))
    ]
    comb = [_round(head + _step(x, -0.18), rng, 0.075, 0.10, coat.mark) for x in (-0.12, 0.0, 0.12)]
    return [
        *tail,
        *_bird_legs(rng, n, coat, 0.4),
        *comb,
        _limb(_at(rng, n, 0.28, -0.02), head, 0.25, coat.body, taper=0.65),
        _round(_at(rng, n, -0.05, 0.08), rng, 0.52, 0.36, coat.body),
        _round(_at(rng, n, -0.12, 0.06), rng, 0.30, 0.18, coat.shade),
        _triangle(head + _step(0.12, 0.02), head + _at(rng, n, 0.36, 0.08), 0.075, coat.mark),
    ]


def _duck(rng: Rng, n: int, coat: Coat) -> list[Part]:
    head = _at(rng, n, 0.52, -0.52)
    bill = head + _step(0.14, 0.05)
    return [
        _triangle(_at(rng, n, -0.4, 0.1), _at(rng, n, -0.95, -0.18, 0.06), 0.2, coat.shade),
        *_bird_legs(rng, n, coat, 0.4),
        _limb(bill, bill + _at(rng, n, 0.26, 0.04), 0.075, coat.mark),
        _limb(_at(rng, n, 0.38, 0.0), head, 0.17, coat.body, taper=0.95),
        _round(head, rng, 0.20, 0.18, coat.body),
        _round(_at(rng, n, -0.08, 0.14), rng, 0.60, 0.29, coat.body),
        _round(_at(rng, n, -0.14, 0.10), rng, 0.34, 0.15, coat.shade),
    ]


def _sheep(rng: Rng, n: int, coat: Coat) -> list[Part]:
    head = _at(rng, n, 0.72, -0.28)
    wool = [
        _round(_at(rng, n, 0.52 * np.cos(turn), 0.30 * np.sin(turn) - 0.05), rng, 0.19, 0.17, fill)
        for turn, fill in zip(
            np.linspace(0, 2 * np.pi, 9)[:-1], [coat.body, coat.body * 0.93] * 4, strict=True
        )
    ]
    return [
        *_legs(rng, n, coat, (-0.40, -0.26, 0.26, 0.40), 0.2, 0.075),
        *wool,
        _round(_at(rng, n, 0, -0.05), rng, 0.55, 0.33, coat.body),
        _limb(head + _step(-0.12, -0.06), head + _at(rng, n, -0.30, 0.06), 0.07, coat.shade),
        _limb(head, head + _at(rng, n, 0.14, 0.20), 0.16, coat.mark, taper=0.75),
        _round(head + _step(-0.06, -0.14), rng, 0.15, 0.10, coat.body * 0.95),
    ]


def _goat(rng: Rng, n: int, coat: Coat) -> list[Part]:
    head = _at(rng, n, 0.72, -0.42)
    chin = head + _step(0.18, 0.22)
    horns = [
        part
        for x in (-0.02, -0.12)
        for part in (
            _limb(head + _step(x, -0.1), head + _step(x - 0.08, -0.38), 0.055, coat.mark * 0.7),
            _limb(
                head + _step(x - 0.08, -0.38), head + _step(x - 0.30, -0.48), 0.05, coat.mark * 0.7
            ),
        )
    ]
    return [
        _limb(_at(rng, n, -0.52, -0.15), _at(rng, n, -0.70, -0.40), 0.08, coat.shade, taper=0.5),
        *_legs(rng, n, coat, (-0.42, -0.28, 0.30, 0.44), 0.1, 0.07),
        _limb(_at(rng, n, 0.42, -0.1), head, 0.22, coat.body, taper=0.7),
        _round(_at(rng, n, 0, -0.03), rng, 0.60, 0.30, coat.body),
        *_patches(rng, n, coat),
        *horns,
        _triangle(chin - _step(0.02, 0.06), chin + _at(rng, n, 0, 0.20), 0.07, coat.shade),
        _limb(head, head + _at(rng, n, 0.18, 0.18), 0.16, coat.body, taper=0.75),
    ]


def _rabbit(rng: Rng, n: int, coat: Coat) -> list[Part]:
    head = _at(rng, n, 0.50, -0.18)
    ears = [
        _limb(head + _step(x, -0.12), head + _at(rng, n, tip, -0.68, 0.10), 0.085, fill, taper=0.85)
        for x, tip, fill in ((-0.08, -0.30, coat.shade), (0.04, -0.10, coat.body))
    ]
    return [
        _round(_at(rng, n, -0.72, 0.30), rng, 0.15, 0.14, coat.mark),
        *ears,
        _limb(_at(rng, n, 0.34, 0.4), _at(rng, n, 0.46, 0.74), 0.09, coat.shade),
        _limb(_at(rng, n, -0.36, 0.7), _at(rng, n, -0.02, 0.72), 0.09, coat.shade),
        _round(_at(rng, n, -0.12, 0.30), rng, 0.60, 0.42, coat.body),
        _round(_at(rng, n, -0.30, 0.44), rng, 0.30, 0.27, coat.shade),
        _round(head, rng, 0.27, 0.22, coat.body),
    ]


def _hedgehog(rng: Rng, n: int, coat: Coat) -> list[Part]:
    head = _at(rng, n, 0.50, 0.40)
    spines = []
    for turn in np.linspace(0.95, 2.1, 9) * np.pi:
        root = np.array([0.46 * np.cos(turn) - 0.12, 0.32 * np.sin(turn) + 0.30])
        away = np.array([0.78 * np.cos(turn) - 0.24, 0.60 * np.sin(turn) + 0.26])
        spines.append(_triangle(_at(rng, n, *root), _at(rng, n, *away), 0.09, coat.shade))
    return [
        *spines,
        _limb(_at(rng, n, 0.30, 0.6), _at(rng, n, 0.36, 0.74), 0.08, coat.mark),
        _limb(_at(rng, n, -0.36, 0.6), _at(rng, n, -0.32, 0.74), 0.08, coat.mark),
        _triangle(head - _step(0.1, 0), head + _at(rng, n, 0.38, 0.14), 0.22, coat.mark),
        _round(_at(rng, n, -0.10, 0.32), rng, 0.58, 0.40, coat.body),
        _round(head + _step(0.36, 0.12), rng, 0.06, 0.06, coat.shade * 0.5),
    ]


_ANIMALS: dict[str, Callable[[Rng, int, Coat], list[Part]]] = {
    "cat": _cat,
    "fox": _fox,
    "hen": _hen,
    "duck": _duck,
    "sheep": _sheep,
    "goat": _goat,
    "rabbit": _rabbit,
    "hedgehog": _hedgehog,
}
