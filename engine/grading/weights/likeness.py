"""Which models have weights that independent trainings would not give.

Models of one architecture are compared with each other, so the class itself tells how far
independent trainings lie apart. Squared distances between independent models scatter like a
sum of so many squares; their median and spread tell how many. Chernoff's bound on such a sum
then bounds how often two independent models come as near as a pair did. A pair is reported if
fewer than `MOST_EXPECTED` pairs as near are to be expected among all of its architecture.

Weights that most models share (a base that somebody else trained) tell nothing and are left out.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.grading.weights.sketch import Sketch
from engine.grading.weights.wire import AlikePair, Likeness

MOST_EXPECTED = 0.01
# Fewer models than this do not tell how far independent ones lie apart.
MODELS = 5
# Then only what is nearer than a quarter of unrelated weights counts, of this many numbers.
_NEAR, _MANY = 0.25, 1_000
# Fewer numbers can agree by chance, or because the task has one best answer.
_FEW, _FEW_UNITS = 100, 32
_SAME_NORMS = 1e-4
_IQR = 1.349  # of a normal distribution, in standard deviations

Distances = NDArray[np.float64]
MayPair = Callable[[int, int], bool]


class _Model(NamedTuple):
    number: int
    sketch: Sketch


def alike(sketches: Mapping[int, Sketch], may_pair: MayPair) -> Iterator[AlikePair]:
    """The pairs among these models of one task; `may_pair` says which are of interest."""
    of: dict[object, list[_Model]] = defaultdict(list)
    for number, each in sketches.items():
        of[each.shapes].append(_Model(number, each))
    for models in of.values():
        yield from _among(models, may_pair)


def _among(models: Sequence[_Model], may_pair: MayPair) -> Iterator[AlikePair]:
    """The pairs among models of one architecture."""
    by_digest: dict[bytes, list[_Model]] = defaultdict(list)
    for each in models:
        by_digest[each.sketch.digest].append(each)
    groups = list(by_digest.values())
    pairs = itertools.chain(_equal_pairs(groups), _alike_pairs(groups, len(models)))
    yield from (each for each in pairs if may_pair(each.one, each.other))


def _equal_pairs(groups: Sequence[Sequence[_Model]]) -> Iterator[AlikePair]:
    count = sum(map(len, groups))
    for same in groups:
        for one, other in itertools.combinations(same, 2):
            yield AlikePair(one.number, other.number, "equal_weights", 0.0, None, count, None)


def _alike_pairs(groups: Sequence[Sequence[_Model]], count: int) -> Iterator[AlikePair]:
    """Pairs of different weights that are alike; each pair once."""
    distinct = [each[0] for each in groups]
    if len(distinct) < 2:
        return
    found: set[tuple[int, int]] = set()
    for near in _near_pairs(distinct):
        # Whoever has equal weights is as near to a third as its twin.
        for one, other in itertools.product(groups[near.one], groups[near.other]):
            pair = (one.number, other.number)
            if pair not in found:
                found.add(pair)
                yield AlikePair(
                    *pair, near.likeness, near.distance, near.usual, count, near.expected
                )


class _NearPair(NamedTuple):
    """Two models by their places, and the figures of `AlikePair`."""

    one: int
    other: int
    likeness: Likeness
    distance: float
    usual: float | None = None
    expected: float | None = None


def _near_pairs(models: Sequence[_Model]) -> Iterator[_NearPair]:
    own = _own_matrices(models)
    yield from _near(models, own)
    yield from _permuted(models, own)


def _own_matrices(models: Sequence[_Model]) -> list[int]:
    """The matrices that most models trained themselves."""
    places = range(len(models[0].sketch.digests))
    common = [
        Counter(each.sketch.digests[at] for each in models).most_common(1)[0] for at in places
    ]
    return [at for at, (_, times) in zip(places, common, strict=True) if times <= len(models) / 2]


def _near(models: Sequence[_Model], own: Sequence[int]) -> Iterator[_NearPair]:
    """Pairs that are too near for independent trainings."""
    numbers = sum(models[0].sketch.counts[at] for at in own)
    if numbers < _FEW:
        return
    distances = _distances([_at(each.sketch.samples, own) for each in models])
    if len(models) >= MODELS:
        yield from _unexpected(distances)
    elif numbers >= _MANY:
        for pair in _below(distances, _NEAR):
            yield _NearPair(*pair, "near_weights", float(distances[pair]))


def _permuted(models: Sequence[_Model], own: Sequence[int]) -> Iterator[_NearPair]:
    """Pairs whose matrices have columns of the same lengths, in whatever order."""
    if sum(map(len, _at(models[0].sketch.norms, own))) < _FEW_UNITS:
        return
    distances = _distances([_at(each.sketch.norms, own) for each in models])
    usual = _usual(distances)
    if _are_all_alike(usual):
        return
    for pair in _below(distances, _SAME_NORMS):
        yield _NearPair(*pair, "permuted_weights", float(distances[pair]), usual)


def _are_all_alike(usual: float | None) -> bool:
    """Whether even the usual pair is nearly the same: the task has one best answer."""
    return usual is not None and usual < 100 * _SAME_NORMS


def _at(parts: Sequence[NDArray[np.float32]], places: Sequence[int]) -> list[NDArray[np.float32]]:
    return [parts[place] for place in places]


def _distances(features: Sequence[Sequence[NDArray[np.float32]]]) -> Distances:
    """How far each two models lie apart: 0 for equal, √2 for unrelated weights of one size.

    Each matrix counts by how many numbers of it are there, not by how large they are.
    """
    columns = [np.stack(each).astype(np.float64) for each in zip(*features, strict=True)]
    scaled = [each / max(float(np.sqrt(np.mean(each * each))), 1e-30) for each in columns]
    rows = np.concatenate(scaled, axis=1)
    squares = (rows * rows).sum(axis=1)
    together = squares[:, None] + squares
    apart = np.maximum(together - 2 * rows @ rows.T, 0.0)
    return np.asarray(np.sqrt(2 * apart / np.maximum(together, 1e-300)))


def _unexpected(distances: Distances) -> Iterator[_NearPair]:
    above = np.triu_indices(len(distances), 1)
    squared = distances[above] ** 2
    middle = float(np.median(squared))
    low, high = np.percentile(squared, [25, 75])
    spread = max(float(high - low) / _IQR, 1e-9)
    if middle <= 0:
        return
    freedom = 2 * middle * middle / (spread * spread)
    for one, other, each in zip(*above, squared.tolist(), strict=True):
        share = max(each / middle, 1e-30)
        if share >= _NEAR:  # half as far as usual: too far to say anything
            continue
        expected = len(squared) * float(np.exp(freedom / 2 * (np.log(share) + 1 - share)))
        if expected < MOST_EXPECTED:
            figures = float(distances[one, other]), float(np.sqrt(middle)), expected
            yield _NearPair(int(one), int(other), "near_weights", *figures)


def _usual(distances: Distances) -> float | None:
    """The median distance; None of too few models."""
    if len(distances) < MODELS:
        return None
    return float(np.median(distances[np.triu_indices(len(distances), 1)]))


def _below(distances: Distances, most: float) -> Iterator[tuple[int, int]]:
    for one, other in zip(*np.triu_indices(len(distances), 1), strict=True):
        if distances[one, other] < most:
            yield int(one), int(other)
