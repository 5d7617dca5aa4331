"""Reads datasets of weights: numbers of a plain type, stored completely in this file, once."""

import struct
from math import prod
from typing import NamedTuple

from engine.grading.inspection.hdf5.file_bytes import UNDEFINED, FileParts
from engine.grading.inspection.hdf5.object_header import PLACE, Kind
from engine.grading.inspection.hdf5.refusals import (
    damaged,
    reject_compressed,
    reject_newer,
    reject_odd,
    reject_other_files,
)
from engine.grading.inspection.hdf5.types import (
    FLOAT,
    INTEGER,
    is_fill_value,
    is_time,
    read_space,
    read_type,
)
from engine.grading.inspection.rejection import countable, reject, shown
from engine.grading.protocol import Message

MAX_RANK = 16
COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL = range(4)
LAYOUT_VERSION = 3
_PART = "a dataset"


class Numbers(NamedTuple):
    """The shape of a dataset, and how many bytes it takes."""

    shape: tuple[int, ...]
    size: int


def read_dataset(parts: FileParts, messages: dict[int, bytes], where: str) -> Numbers:
    """The contents of the dataset at `where`; claims its bytes.

    Raises `SubmissionRejected`.
    """
    kind, shape = read_type(messages[Kind.DATATYPE]), read_space(messages[Kind.DATASPACE])
    if kind is None or kind.kind not in (INTEGER, FLOAT) or shape is None:
        reject_odd(where)
    if not is_fill_value(messages.get(Kind.FILL_VALUE), kind):
        damaged("a fill value")
    if not is_time(messages.get(Kind.CHANGE_TIME)):
        damaged("a time")
    stored = _stored(parts, messages[Kind.LAYOUT], where)
    declared = prod(shape) * kind.size
    if len(shape) > MAX_RANK or declared != stored:
        reject(
            "declared_size",
            Message(
                "{name} declares {declared} bytes of numbers but holds {stored}: save the "
                "model again.",
                {
                    "name": shown(where),
                    "declared": countable(declared),
                    "stored": countable(stored),
                },
            ),
        )
    return Numbers(shape, declared)


def _stored(parts: FileParts, layout: bytes, where: str) -> int:
    """How many bytes a dataset has in the file, which nothing else may use."""
    if len(layout) < 4:
        damaged(_PART)
    version, kind = layout[0], layout[1]
    if kind == VIRTUAL:
        reject_other_files(where)
    if kind == CHUNKED:
        reject_compressed(where)
    if version > LAYOUT_VERSION:
        reject_newer()
    if version < LAYOUT_VERSION or kind not in (COMPACT, CONTIGUOUS):
        damaged(_PART)
    return _compact(layout) if kind == COMPACT else _contiguous(parts, layout)


def _compact(layout: bytes) -> int:
    """The size of numbers that are stored in the message itself."""
    (size,) = struct.unpack_from("<H", layout, 2)
    if 4 + size > len(layout):
        damaged(_PART)
    return int(size)


def _contiguous(parts: FileParts, layout: bytes) -> int:
    """The size of numbers that are stored in one piece elsewhere."""
    if len(layout) < 2 + PLACE.size:
        damaged(_PART)
    at, size = PLACE.unpack_from(layout, 2)
    if at == UNDEFINED:  # never written: HDF5 would invent as many bytes as `size` says
        return 0
    parts.claim(at, size, _PART)
    return int(size)
