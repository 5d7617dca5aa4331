"""The outlines of ten kinds of garment, as polygons in a square from -1 to 1.

T-shirt, pullover, dress, coat and shirt are one body whose cut differs in distribution
only: buttons, collar and length tell most of them apart for one who looks closely, sleeves
and width never quite.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from exam_bank.synthetic.drawing import Part, chance, mirrored, outline
from exam_bank.synthetic.rng import Floats, Rng


class _Spread(NamedTuple):
    """A normal distribution, in units of half the picture."""

    mean: float
    sd: float

    def draw(self, rng: Rng, n: int) -> Floats:
        return rng.normal(self.mean, self.sd, n)


@dataclass(frozen=True)
class _Cut:
    """What distinguishes one garment of the torso family.

    `hem` is a height, `waist` and `flare` are widths as shares of the shoulders'; the
    plain numbers are probabilities. `lapel` is the length of the collar's wings.
    """

    hem: _Spread
    waist: _Spread
    flare: _Spread
    lapel: _Spread
    collar: float
    zip_: float = 0.0
    buttons: float = 0.0
    pocket: float = 0.0
    long_sleeve: float = 0.0
    cuffs: float = 0.1
    bare: float = 0.0


_CUTS = {
    "T-shirt/top": _Cut(
        hem=_Spread(0.72, 0.09),
        waist=_Spread(0.94, 0.05),
        flare=_Spread(0.98, 0.05),
        lapel=_Spread(0.18, 0.04),
        collar=0.05,
        zip_=0.02,
        buttons=0.02,
        pocket=0.10,
        long_sleeve=0.06,
        bare=0.08,
    ),
    "Pullover": _Cut(
        hem=_Spread(0.70, 0.08),
        waist=_Spread(0.96, 0.05),
        flare=_Spread(0.99, 0.06),
        lapel=_Spread(0.18, 0.04),
        collar=0.10,
        zip_=0.04,
        buttons=0.02,
        pocket=0.04,
        long_sleeve=0.98,
        cuffs=0.7,
    ),
    "Dress": _Cut(
        hem=_Spread(0.97, 0.06),
        waist=_Spread(0.74, 0.08),
        flare=_Spread(1.15, 0.22),
        lapel=_Spread(0.20, 0.05),
        collar=0.12,
        zip_=0.06,
        buttons=0.06,
        long_sleeve=0.25,
        bare=0.45,
    ),
    "Coat": _Cut(
        hem=_Spread(0.88, 0.08),
        waist=_Spread(0.93, 0.06),
        flare=_Spread(1.08, 0.09),
        lapel=_Spread(0.48, 0.12),
        collar=0.85,
        zip_=0.86,
        buttons=0.08,
        pocket=0.05,
        long_sleeve=0.99,
        cuffs=0.2,
    ),
    "Shirt": _Cut(
        hem=_Spread(0.76, 0.09),
        waist=_Spread(0.92, 0.06),
        flare=_Spread(0.99, 0.06),
        lapel=_Spread(0.20, 0.05),
        collar=0.88,
        zip_=0.05,
        buttons=0.86,
        pocket=0.45,
        long_sleeve=0.62,
        cuffs=0.4,
    ),
}


def parts_of(rng: Rng, label: str, n: int) -> list[Part]:
    """The polygons of n garments called `label`, from back to front."""
    cloth = rng.uniform(95, 250, n)
    if label in _CUTS:
        return _torso(rng, n, cloth, _CUTS[label])
    return _OTHERS[label](rng, n, cloth)


@dataclass(frozen=True)
class _Body:
    """The measures (n,) of one body that its sleeves, collar and front share."""

    shoulder: Floats
    top: Floats
    neck: Floats
    dip: Floats
    arm: Floats
    hem: Floats


def _torso(rng: Rng, n: int, cloth: Floats, cut: _Cut) -> list[Part]:
    """T-shirt, pullover, dress, coat and shirt."""
    top = rng.normal(-0.80, 0.04, n)
    body = _Body(
        shoulder=rng.normal(0.50, 0.05, n),
        top=top,
        neck=rng.uniform(0.14, 0.26, n),
        dip=rng.uniform(0.04, 0.22, n),
        arm=top + rng.normal(0.42, 0.05, n),
        hem=cut.hem.draw(rng, n),
    )
    return [
        *_sleeves(rng, n, cloth, cut, body),
        *_trunk(rng, n, cloth, cut, body),
        *_front(rng, n, cloth, cut, body),
        *_collar(rng, n, cloth, cut, body),
    ]


def _trunk(rng: Rng, n: int, cloth: Floats, cut: _Cut, body: _Body) -> list[Part]:
    """The body with the hole for the neck."""
    chest = body.shoulder * rng.normal(0.96, 0.04, n)
    waist, foot = body.shoulder * cut.waist.draw(rng, n), body.shoulder * cut.flare.draw(rng, n)
    side = [
        (body.neck, body.top - 0.06),
        (body.shoulder, body.top + 0.08),
        (chest, body.arm),
        (waist, (body.top + body.hem) / 2),
        (foot, body.hem),
    ]
    whole = outline(*side, *((-x, y) for x, y in reversed(side)))
    rim, low = body.top - 0.1, body.top + body.dip
    hole = outline((-body.neck, rim), (body.neck, rim), (body.neck / 2, low), (-body.neck / 2, low))
    return [Part(whole, cloth), Part(hole, cloth * 0.12)]


def _sleeves(rng: Rng, n: int, cloth: Floats, cut: _Cut, body: _Body) -> list[Part]:
    """Two sleeves, and the cuffs that end some of them."""
    short, long = rng.normal(0.39, 0.11, n), rng.normal(1.28, 0.10, n)
    length = np.where(chance(rng, cut.long_sleeve, n), long, short)
    spread = np.where(length > 0.8, rng.uniform(0.14, 0.36, n), rng.uniform(0.35, 0.75, n))
    wide, bare = rng.uniform(0.17, 0.25, n), chance(rng, cut.bare, n)
    x = body.shoulder + length * spread
    y = body.top + 0.08 + length * (1 - 0.4 * spread)
    drop = wide * rng.uniform(0.15, 0.5, n)
    sleeve = outline(
        (body.shoulder * 0.85, body.top),
        (body.shoulder * 1.05, body.top + 0.08),
        (x, y),
        (x - wide, y + drop),
        (body.shoulder * 0.9, body.arm),
    )
    cuff = outline(
        (x, y), (x - wide, y + drop), (x - wide - 0.02, y + drop - 0.1), (x - 0.03, y - 0.1)
    )
    shade, worn = cloth * rng.uniform(0.72, 1.0, n), ~bare
    cuffed = worn & chance(rng, cut.cuffs, n)
    return [
        Part(sleeve, shade, worn),
        Part(mirrored(sleeve), shade, worn),
        Part(cuff, shade * 0.7, cuffed),
        Part(mirrored(cuff), shade * 0.7, cuffed),
    ]


def _front(rng: Rng, n: int, cloth: Floats, cut: _Cut, body: _Body) -> list[Part]:
    """A zip (a line), or buttons (dots along the same line), and a pocket on the breast."""
    start, kind = body.top + body.dip, rng.uniform(size=n)
    zipped = kind < cut.zip_
    buttoned = ~zipped & (kind < cut.zip_ + cut.buttons)
    dark, thick = cloth * rng.uniform(0.3, 0.65, n), rng.uniform(0.03, 0.06, n)
    parts = [Part(_box(0.0, thick, start, body.hem), dark, zipped)]
    for share in (0.12, 0.34, 0.56, 0.78):
        height = start + share * (body.hem - start)
        parts.append(Part(_box(0.0, 0.065, height - 0.065, height + 0.065), dark, buttoned))
    lid = body.arm + rng.normal(0, 0.03, n)
    pocket = _box(body.shoulder * 0.5, 0.13, lid, lid + 0.22)
    return [*parts, Part(pocket, cloth * rng.uniform(0.6, 0.8, n), chance(rng, cut.pocket, n))]


def _box(x: float | Floats, half: float | Floats, top: Floats, low: Floats) -> Floats:
    return outline((x - half, top), (x + half, top), (x + half, low), (x - half, low))


def _collar(rng: Rng, n: int, cloth: Floats, cut: _Cut, body: _Body) -> list[Part]:
    worn = chance(rng, cut.collar, n)
    trim = cloth * np.where(chance(rng, 0.5, n), 0.62, 1.3)
    low, lapel = body.top + body.dip, cut.lapel.draw(rng, n)
    wing = outline(
        (0.02, low),
        (body.neck * 1.05, body.top - 0.10),
        (body.neck * 1.5, low),
        (0.14, low + lapel),
    )
    return [Part(wing, trim, worn), Part(mirrored(wing), trim, worn)]


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


_OTHERS: dict[str, Callable[[Rng, int, Floats], list[Part]]] = {
    "Trouser": _trouser,
    "Sandal": _sandal,
    "Sneaker": _sneaker,
    "Bag": _bag,
    "Ankle boot": _ankle_boot,
}
