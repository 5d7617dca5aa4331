"""Reads an object's header: the messages that say what a group or a dataset is.

Only version 1 is read, which Keras has always written. The newer one leads to fractal heaps
and version-2 B-trees, in which one changed byte corrupts the memory of HDF5 1.14.6.
Layout: HDF5 File Format Specification, section IV.A.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from engine.grading.inspection.hdf5.file_bytes import FileParts
from engine.grading.inspection.hdf5.refusals import damaged, reject_newer

PREFIX = struct.Struct("<BxHII4x")
HEADER = struct.Struct("<HHB3x")
PLACE = struct.Struct("<QQ")
# Constant, and not to be shared: the flags that version 1 is written with.
PLAIN_FLAGS = 0x01 | 0x04
_PART = "an object header"


class Kind(IntEnum):
    """The kinds of messages, by number."""

    NIL = 0x00
    DATASPACE = 0x01
    LINK_INFO = 0x02
    DATATYPE = 0x03
    FILL_VALUE = 0x05
    LINK = 0x06
    EXTERNAL_FILES = 0x07
    LAYOUT = 0x08
    GROUP_INFO = 0x0A
    FILTERS = 0x0B
    ATTRIBUTE = 0x0C
    SHARED_TABLE = 0x0F
    CONTINUATION = 0x10
    SYMBOL_TABLE = 0x11
    CHANGE_TIME = 0x12
    ATTRIBUTE_INFO = 0x15


class HeaderMessage(NamedTuple):
    """One message; `kind` is one of `Kind`, or a number that no honest file has."""

    kind: int
    flags: int
    data: bytes


def read_header(parts: FileParts, at: int) -> list[HeaderMessage]:
    """The messages of the header at `at`, except empty ones and continuations.

    Raises `SubmissionRejected`.
    """
    start = parts.take(at, PREFIX.size, _PART)
    if start.startswith(b"OHDR"):
        reject_newer()
    version, count, _, size = PREFIX.unpack(start)
    if version != 1:
        damaged(_PART)
    # Grows during the loop: a continuation adds the block that it points to.
    blocks = [parts.take(at + PREFIX.size, size, _PART)]
    found: list[HeaderMessage] = []
    met = 0
    for block in blocks:
        for message in _messages(parts, block):
            met += 1
            if message.kind == Kind.CONTINUATION:
                blocks.append(_continuation(parts, message.data))
            elif message.kind != Kind.NIL:
                found.append(message)
    if met != count:
        damaged(_PART)
    return found


def _continuation(parts: FileParts, data: bytes) -> bytes:
    if len(data) < PLACE.size:
        damaged(_PART)
    place, length = PLACE.unpack_from(data)
    return parts.take(place, length, _PART)


def _messages(parts: FileParts, block: bytes) -> Iterator[HeaderMessage]:
    at = 0
    while at < len(block):
        if at + HEADER.size > len(block):
            damaged(_PART)
        kind, size, flags = HEADER.unpack_from(block, at)
        start = at + HEADER.size
        at = start + size
        if size % 8 or at > len(block) or (flags and kind in (Kind.NIL, Kind.CONTINUATION)):
            damaged(_PART)
        parts.step()
        yield HeaderMessage(kind, flags, block[start:at])
