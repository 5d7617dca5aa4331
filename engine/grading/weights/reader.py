"""Reads the numbers of a model file with our own reader, under the bounds of inspection.

Keras is not involved: nothing that the file says is run or built.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.grading.inspection.file_format import check_file
from engine.grading.inspection.hdf5.parts import BFLOAT16, Numbers
from engine.grading.inspection.hdf5.refusals import damaged
from engine.grading.inspection.hdf5.structure import Structure, read_structure
from engine.grading.inspection.keras_archive import read_archive
from engine.grading.inspection.rejection import reading

Weights = NDArray[np.float32]
_NUMBER = re.compile(r"(\d+)")


class Tensor(NamedTuple):
    """One weight of a model, as float32."""

    shape: tuple[int, ...]
    values: Weights


def read_tensors(path: Path, limit_mb: float) -> list[Tensor]:
    """The model's weights in the order of its layers; the optimizer's are left out.

    Raises `SubmissionRejected` for what grading would refuse to read, and `OSError`.
    """
    whole = check_file(path, limit_mb)
    structure = (read_archive if whole.is_archive else read_structure)(path, whole.size)
    with reading(), path.open("rb") as file:
        return list(_tensors(file, structure, whole.size))


def _tensors(file: BinaryIO, structure: Structure, size: int) -> Iterator[Tensor]:
    left = size
    for name in _names(structure):
        numbers = structure.datasets[name]
        left -= numbers.size
        if left < 0:  # the same bytes told again and again
            damaged("its weights")
        values = _values(file, structure.start, numbers)
        if values is not None:
            yield Tensor(numbers.shape, values)


def _names(structure: Structure) -> list[str]:
    """The paths of the weights; the layers of a .keras file as they were made, dense_2 before _10.

    An .h5 file keeps their order itself.
    """
    names = [
        f"{structure.root}/{layer}/{name}"
        for layer, names in structure.weights.items()
        for name in names
    ]
    return sorted(names, key=_natural) if structure.is_archive else names


def _natural(name: str) -> list[tuple[int, str]]:
    parts = _NUMBER.split(name)
    return [(int(each), "") if each.isdecimal() else (-1, each) for each in parts]


def _values(file: BinaryIO, start: int, numbers: Numbers) -> Weights | None:
    """The numbers of a dataset; None if they are no floats (such as a seed)."""
    data = numbers.stored
    if data is None:
        file.seek(start + numbers.at)
        data = file.read(numbers.size)
    if len(data) != numbers.size:
        damaged("its weights")
    if numbers.dtype == BFLOAT16:
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    if np.dtype(numbers.dtype).kind != "f":
        return None
    with np.errstate(over="ignore"):
        return np.frombuffer(data, numbers.dtype).astype(np.float32)
