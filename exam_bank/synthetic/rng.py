"""Random numbers that stay the same over numpy versions and machines.

Only numpy's bit generators promise a stable stream (numpy's compatibility policy,
NEP 19); `Generator`'s methods do not. So every draw here is made from raw 64-bit words:
uniforms as `(word >> 11) * 2**-53`, normals as a sum of twelve uniforms (Irwin–Hall),
orders by a stable sort.

A stream is named by words ("garments", "hidden"), mixed by HMAC-SHA256 with the seed:
knowing one stream tells nothing of another, and the seed itself is a secret that the
workspace never holds.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Rng:
    """One named stream of random numbers; the same seed and names give the same draws."""

    def __init__(self, seed: int, *names: str) -> None:
        """`seed` is any non-negative integer below 2**128."""
        digest = hmac.new(
            seed.to_bytes(16, "big"), "\x1f".join(names).encode(), hashlib.sha256
        ).digest()
        self._seed, self._names = seed, names
        self._bits = np.random.PCG64(np.random.SeedSequence(int.from_bytes(digest, "big")))

    def child(self, *names: str) -> "Rng":
        """An independent stream below this one."""
        return Rng(self._seed, *self._names, *names)

    def uniform(self, low: float = 0.0, high: float = 1.0, size: int | Sequence[int] = 1) -> Floats:
        """Uniform float64 in [low, high), of shape `size`."""
        shape = (size,) if isinstance(size, int) else tuple(size)
        words = self._bits.random_raw(int(np.prod(shape)))
        unit = (np.asarray(words, dtype=np.uint64) >> np.uint64(11)) * 2.0**-53
        return np.asarray(low + (high - low) * unit, dtype=np.float64).reshape(shape)

    def normal(self, mean: float = 0.0, sd: float = 1.0, size: int | Sequence[int] = 1) -> Floats:
        """Approximately normal float64 (Irwin–Hall with 12 terms: within ±6 sd)."""
        shape = (size,) if isinstance(size, int) else tuple(size)
        total = self.uniform(size=(*shape, 12)).sum(axis=-1) - 6.0
        return np.asarray(mean + sd * total, dtype=np.float64)

    def integers(self, low: int, high: int, size: int | Sequence[int] = 1) -> Ints:
        """Integers in [low, high), of shape `size`."""
        return (low + np.floor(self.uniform(size=size) * (high - low))).astype(np.int64)

    def choice(self, options: int, size: int | Sequence[int], weights: ArrayLike = ()) -> Ints:
        """Indices below `options`, by `weights` (equal when empty)."""
        given: NDArray[Any] = np.asarray(weights, dtype=np.float64)
        if given.size == 0:
            return self.integers(0, options, size)
        steps = np.cumsum(given / given.sum())
        found = np.searchsorted(steps, self.uniform(size=size), side="right")
        return np.minimum(found, options - 1).astype(np.int64)

    def permutation(self, n: int) -> Ints:
        """The numbers 0 … n-1 in random order."""
        return np.argsort(self.uniform(size=n), kind="stable").astype(np.int64)
