"""What is kept of a model's weights to compare it with others: little, and enough.

Matrices only (kernels, embeddings): biases begin at 0 and normalisation follows the data, so
those are alike in independent models too.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.grading.weights.reader import Tensor

Shapes = tuple[tuple[int, ...], ...]
_SAMPLED, _LEAST = 8_192, 64


@dataclass(frozen=True)
class Sketch:
    """One model: `digest` of all weights in any order, `shapes` of its matrices, sorted.

    For each matrix `digests`, a `sample` of its numbers at places that depend on its shape
    alone, and the sorted `norms` of its columns, which do not depend on the order of its units.
    """

    digest: bytes
    shapes: Shapes
    digests: tuple[bytes, ...]
    samples: tuple[NDArray[np.float32], ...]
    norms: tuple[NDArray[np.float32], ...]
    counts: tuple[int, ...]


def sketch(tensors: Sequence[Tensor]) -> Sketch:
    """The sketch of a model with these weights."""
    matrices = sorted(filter(_is, tensors), key=lambda each: each.shape)  # stable: in their order
    most = max(_LEAST, _SAMPLED // max(1, len(matrices)))
    return Sketch(
        digest=hashlib.sha256(b"".join(sorted(map(_digest, tensors)))).digest(),
        shapes=tuple(each.shape for each in matrices),
        digests=tuple(map(_digest, matrices)),
        samples=tuple(_sample(each, most) for each in matrices),
        norms=tuple(_norms(each, most) for each in matrices),
        counts=tuple(each.values.size for each in matrices),
    )


def _is(tensor: Tensor) -> bool:
    """Whether it is a matrix with numbers that can be compared."""
    many = len(tensor.shape) >= 2 and tensor.values.size > 1
    return many and bool(np.isfinite(tensor.values).all())


def _digest(tensor: Tensor) -> bytes:
    found = hashlib.sha256(repr(tensor.shape).encode())
    found.update(np.ascontiguousarray(tensor.values).tobytes())
    return found.digest()


def _sample(tensor: Tensor, most: int) -> NDArray[np.float32]:
    size = tensor.values.size
    if size <= most:
        return tensor.values.copy()
    return tensor.values[np.linspace(0, size - 1, most).astype(np.int64)]


def _norms(tensor: Tensor, most: int) -> NDArray[np.float32]:
    columns = tensor.values.reshape(-1, tensor.shape[-1]).astype(np.float64)
    norms = np.sort(np.sqrt((columns * columns).sum(axis=0))).astype(np.float32)
    return norms if len(norms) <= most else norms[np.linspace(0, len(norms) - 1, most).astype(int)]
