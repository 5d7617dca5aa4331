"""The pictures of MNIST and its kin: idx files made into the material of a task.

The official test part is hidden whole, so that an accuracy means what it means
everywhere. What a paper's seed moves is the order of everything; pictures of the
training part that nearly repeat a hidden one are left out.
"""

import io

import numpy as np
from numpy.typing import NDArray

from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.material import HiddenSet, Material
from exam_bank.phrase import phrase
from exam_bank.real.near import near
from exam_bank.synthetic.rng import Rng

Bytes = NDArray[np.uint8]

CLASSES = 10
# Grey levels, of 255: pairs that are closer show the same garment or the same stroke.
NEAR = 10.0
_UINT8 = 0x08
_TILE = 4


def material(task: str, seed: int, dataset: LocalDataset) -> Material:
    """`data/train.npz` with the labelled pictures, and the official test part hidden."""
    images, labels = part(dataset, "train")
    hidden, answers = part(dataset, "t10k")
    order = Rng(seed, task, "train").permutation(len(images))
    order = order[~near(_tiles(images[order]), _tiles(hidden), NEAR, sketch=_TILE * _TILE)]
    places = Rng(seed, task, "hidden").permutation(len(hidden))
    return Material(
        files={"data/train.npz": _packed(images[order], labels[order])},
        hidden=HiddenSet(hidden[places], answers[places].astype(np.int64), input_scale=1 / 255),
        trivial={"majority": _always(int(np.bincount(labels).argmax()), len(hidden))},
    )


def part(dataset: LocalDataset, name: str) -> tuple[Bytes, Bytes]:
    """Pictures (n, height, width) and labels (n,) of the part "train" or "t10k".

    Raises `DataError` when the two files do not belong together.
    """
    images = read(dataset.payload(f"{name}-images-idx3-ubyte"), axes=3)
    labels = read(dataset.payload(f"{name}-labels-idx1-ubyte"), axes=1)
    if len(images) != len(labels) or labels.max(initial=0) >= CLASSES:
        raise DataError(
            phrase(
                "The pictures and labels of {dataset} ({part}) do not belong together.",
                dataset=dataset.id,
                part=name,
            ),
            fix=phrase("Look at the files with: tfexam data verify."),
        )
    return images, labels


def read(content: bytes, *, axes: int) -> Bytes:
    """The array of bytes that an idx file with so many axes holds.

    Raises `DataError` when it is none.
    """
    start = 4 + 4 * axes
    shape = tuple(np.frombuffer(content[4:start], ">u4").tolist())
    if content[:4] != bytes([0, 0, _UINT8, axes]) or len(content) != start + int(np.prod(shape)):
        raise DataError(
            phrase("A file that should hold an idx array of {axes} axes does not.", axes=axes),
            fix=phrase("Look at the files with: tfexam data verify."),
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _tiles(images: Bytes) -> Bytes:
    """The pixels of each picture, tile after tile: neighbours are what a sketch adds up."""
    high, wide = (side // _TILE for side in images.shape[1:])
    return images.reshape(-1, high, _TILE, wide, _TILE).swapaxes(2, 3).reshape(len(images), -1)


def _packed(images: Bytes, labels: Bytes) -> bytes:
    packed = io.BytesIO()
    np.savez(packed, images=images, labels=labels)
    return packed.getvalue()


def _always(label: int, count: int) -> NDArray[np.float32]:
    answer = np.zeros((count, CLASSES), np.float32)
    answer[:, label] = 1.0
    return answer
