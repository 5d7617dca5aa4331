"""Reads what the parts of an HDF5 file say of themselves: names, types, shapes, places.

pyfive takes the file apart; this module accepts what Keras writes and refuses the rest. Layout:
HDF5 File Format Specification, sections III.C, III.E, IV.A.2.d, i and m.
"""

import struct
from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from pyfive.btree import BTreeV1Groups
from pyfive.dataobjects import determine_data_shape
from pyfive.datatype_msg import DatatypeMessage
from pyfive.misc_low_level import GlobalHeap, Heap, SymbolTable

from engine.grading.inspection.hdf5.bounded_file import BoundedFile
from engine.grading.inspection.hdf5.refusals import (
    damaged,
    reject_compressed,
    reject_newer,
    reject_odd,
    reject_other_files,
    reject_size,
)

MAX_RANK = 16
MAX_NAME = 1_000
INTEGER, FLOAT, STRING, OPAQUE, VARIABLE = 0, 1, 3, 5, 9
BFLOAT16 = "bfloat16"
_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = range(4)
_LAYOUT_VERSION = 3
_PLACE = struct.Struct("<QQ")
_TYPE = struct.Struct("<B3BI")
_ATTRIBUTE = struct.Struct("<BBHHH")
_REFERENCE = struct.Struct("<IQI")
_ENTRY = struct.Struct("<HH4xQ")
# From a float's properties: where its sign, exponent and mantissa are. pyfive takes the last for
# the third.
_FLOATS = {
    (0, 32, 23, 8, 0, 23, 127): "f4",
    (0, 64, 52, 11, 0, 52, 1023): "f8",
    (0, 16, 10, 5, 0, 10, 15): "f2",
    (0, 16, 7, 8, 0, 7, 127): BFLOAT16,
}
_UNDEFINED = 2**64 - 1


class Member(NamedTuple):
    """A member of a group: its object header's address, and the kind of the entry."""

    name: str
    header: int
    cache: int


class Attribute(NamedTuple):
    """An attribute: `kind` is one of the types above, `shape` is None if it is empty."""

    kind: int
    size: int
    shape: tuple[int, ...] | None
    data: bytes

    @property
    def entries(self) -> int:
        """How many values it holds."""
        return 0 if self.shape is None else prod(self.shape)

    def pieces(self) -> list[bytes]:
        """The bytes of each value."""
        return [
            self.data[at : at + self.size] for at in range(0, self.entries * self.size, self.size)
        ]


class Numbers(NamedTuple):
    """A dataset of `size` bytes: at `at`, or `stored` in its header; `dtype` is numpy's word."""

    shape: tuple[int, ...]
    dtype: str
    size: int
    at: int
    stored: bytes | None = None


def members(file: BoundedFile, message: bytes) -> Iterator[Member]:
    """The members of a group, from its symbol table message."""
    tree, names = _PLACE.unpack_from(message)
    heap = Heap(file, names)
    if max(map(len, heap.data.split(b"\0"))) > MAX_NAME:
        damaged("a group's names")
    for at in BTreeV1Groups(file, tree).symbol_table_addresses():
        table = SymbolTable(file, at)
        table.assign_name(heap)
        for entry in table.entries:
            file.step()
            name = entry["link_name"]
            if name in ("", ".", "..") or "/" in name or not name.isascii():
                damaged("a group's names")
            yield Member(name, entry["object_header_address"], entry["cache_type"])


def read_attribute(data: bytes, where: str) -> tuple[str, Attribute]:
    """Name and content of an attribute of the object at `where`."""
    version, _, *sizes = _ATTRIBUTE.unpack_from(data)
    at = _ATTRIBUTE.size + (version == 3)  # one more byte, the name's encoding
    parts: list[bytes] = []
    for size in sizes:
        parts.append(data[at : at + size])
        at += (size + 7) // 8 * 8 if version == 1 else size
    name = parts[0].rstrip(b"\0").decode("utf-8", "surrogateescape")
    kind, size = _kind(parts[1])
    if version not in (1, 2, 3) or kind is None:
        reject_odd(f"{where}@{name}")
    if parts[0].find(b"\0") != len(parts[0]) - 1:  # C would end the name there
        damaged("an attribute")
    found = Attribute(kind, size, determine_data_shape(parts[2], 0)[0], data[at:])
    if not size or found.entries * size > len(found.data):
        damaged("an attribute")
    return name, found


def _kind(data: bytes) -> tuple[int | None, int]:
    """Class and size of a datatype message; no class for what Keras does not store."""
    first, flags, _, _, size = _TYPE.unpack_from(data)
    kind = first & 15
    text = flags & 15 == 1 and size == _REFERENCE.size
    known = text if kind == VARIABLE else kind in (INTEGER, FLOAT, STRING)
    return kind if known and first >> 4 == 1 else None, size


def read_numbers(space: bytes, kind: bytes, layout: bytes, where: str) -> Numbers:
    """The dataset at `where`, from the messages of its header."""
    shape = determine_data_shape(space, 0)[0]
    dtype = _dtype(kind)
    if dtype is None or shape is None:
        reject_odd(where)
    at, size, stored = _stored(layout, where)
    declared = prod(shape) * _TYPE.unpack_from(kind)[-1]
    if len(shape) > MAX_RANK or declared != size:
        reject_size(where, declared, size)
    return Numbers(shape, dtype, size, at, stored)


def _dtype(data: bytes) -> str | None:
    """The numpy type of a datatype message; None for one that Keras does not store."""
    kind, size = data[0] & 15, _TYPE.unpack_from(data)[-1]
    if (kind, size) == (OPAQUE, 2):  # what h5py makes of numpy's bfloat16
        return BFLOAT16
    if kind not in (INTEGER, FLOAT):
        return None
    try:
        known = str(DatatypeMessage(data, 0).ptype.dtype.str)
        if kind == INTEGER:
            return known
        name = _FLOATS.get(struct.unpack_from("<HHBBBBI", data, _TYPE.size))
    except (NotImplementedError, struct.error):
        return None
    return name if name in (None, BFLOAT16) else known[0] + name


def _stored(layout: bytes, where: str) -> tuple[int, int, bytes | None]:
    """Place and size of a dataset's bytes, and the bytes if the header has them."""
    version, kind = layout[0], layout[1]
    if kind == _VIRTUAL:
        reject_other_files(where)
    if kind == _CHUNKED:
        reject_compressed(where)
    if version > _LAYOUT_VERSION:
        reject_newer()
    if version < _LAYOUT_VERSION or kind not in (_COMPACT, _CONTIGUOUS):
        damaged("a dataset")
    if kind == _COMPACT:
        (size,) = struct.unpack_from("<H", layout, 2)
        return 0, min(size, len(layout) - 4), layout[4 : 4 + size]
    at, size = _PLACE.unpack_from(layout, 2)
    # Never written: HDF5 would invent as many bytes as `size` says.
    return (0, 0, b"") if at == _UNDEFINED else (at, size, None)


class TextHeaps:
    """The texts of a file, by their references; each heap is walked once."""

    def __init__(self, file: BoundedFile) -> None:
        self._file = file
        self._heaps: dict[int, dict[int, bytes]] = {}

    def text(self, reference: bytes) -> bytes:
        """The text that `reference` points to."""
        length, heap, number = _REFERENCE.unpack(reference)
        self._file.step()
        if not length and heap in (0, _UNDEFINED):
            return b""
        if heap not in self._heaps:
            self._heaps[heap] = dict(self._entries(GlobalHeap(self._file, heap).heap_data))
        text = self._heaps[heap].get(number, b"")
        if len(text) != length:
            damaged("a text")
        return text

    def _entries(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Number and text of each entry. Not pyfive's own loop, in which nothing counts."""
        at = 0
        while at + _ENTRY.size <= len(data):
            self._file.step()
            number, _, length = _ENTRY.unpack_from(data, at)
            at += _ENTRY.size
            if not number:  # the free space at the end
                return
            if length > len(data) - at:
                damaged("a text")
            yield number, data[at : at + length]
            at += (length + 7) // 8 * 8
