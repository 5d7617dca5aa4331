"""Reads how datasets and attributes are built: types, shapes, and where their bytes are.

Only what Keras writes through h5py has a name here; anything else is None, and the callers
refuse it. Layout: HDF5 File Format Specification, sections IV.A.2.b, d, i and m.
"""

import struct
from math import prod
from typing import NamedTuple

from engine.grading.inspection.hdf5.refusals import damaged

SPACE_1 = struct.Struct("<BBB5x")
SPACE_2 = struct.Struct("<BBBB")
TYPE = struct.Struct("<B3BI")
ATTRIBUTE = struct.Struct("<BBHHH")
FILL_VALUE = struct.Struct("<BBBBI")
SIMPLE_SPACE, NULL_SPACE = 1, 2
INTEGER, FLOAT, STRING, VARIABLE = 0, 1, 3, 9
# From a float's bit fields and properties: where its sign, exponent and mantissa are.
FLOATS = {
    (2, 15): (0, 16, 10, 5, 0, 10, 15),
    (4, 31): (0, 32, 23, 8, 0, 23, 127),
    (8, 63): (0, 64, 52, 11, 0, 52, 1023),
    (2, 16): (0, 16, 7, 8, 0, 7, 127),
}
_SPACE, _ATTRIBUTE = "a shape", "an attribute"


class Type(NamedTuple):
    """Class and size of a type that Keras stores."""

    kind: int
    size: int


class Attribute(NamedTuple):
    """An attribute; `type` is None if Keras would not store it, `shape` is None if it is empty."""

    name: str
    type: Type | None
    shape: tuple[int, ...] | None
    data: bytes

    @property
    def entries(self) -> int:
        """How many values it holds."""
        return 0 if self.shape is None else prod(self.shape)


def decoded(name: bytes) -> str:
    """A name of the file as text; different bytes stay different names."""
    return name.decode("utf-8", "surrogateescape")


def read_space(data: bytes) -> tuple[int, ...] | None:
    """The shape in a dataspace message; None for a null dataspace.

    Raises `SubmissionRejected`.
    """
    try:
        version, rank, flags = struct.unpack_from("<BBB", data)
        kind, at = (rank > 0, SPACE_1.size) if version == 1 else (data[3], SPACE_2.size)
        shape = struct.unpack_from(f"<{rank}Q", data, at)
        largest = struct.unpack_from(f"<{rank * (flags & 1)}Q", data, at + 8 * rank)
    except (struct.error, IndexError):
        damaged(_SPACE)
    # Flag 2 was for permuted axes, which no version of HDF5 has ever implemented.
    if version not in (1, 2) or flags > 1 or not _may_have_axes(kind, rank):
        damaged(_SPACE)
    if any(most < axis for most, axis in zip(largest, shape, strict=False)):
        damaged(_SPACE)
    return None if kind == NULL_SPACE else shape


def _may_have_axes(kind: int, rank: int) -> bool:
    return kind == SIMPLE_SPACE or (kind <= NULL_SPACE and not rank)


def read_type(data: bytes) -> Type | None:
    """The type in a datatype message; None for one that Keras does not store."""
    if len(data) < TYPE.size:
        damaged("a type")
    first, *bits, size = TYPE.unpack_from(data)
    version, kind = first >> 4, first & 15
    try:
        known = version == 1 and _KNOWN[kind](bits, size, data[TYPE.size :])
    except (KeyError, struct.error):
        return None
    return Type(kind, size) if known else None


def _is_integer(bits: list[int], size: int, about: bytes) -> bool:
    whole = struct.unpack_from("<HH", about) == (0, 8 * size)
    return whole and size in (1, 2, 4, 8) and not bits[0] & ~0x09 and not any(bits[1:])


def _is_float(bits: list[int], size: int, about: bytes) -> bool:
    fields = struct.unpack_from("<HHBBBBI", about)
    # A bfloat16 has its sign in the same place as a half.
    known = (FLOATS.get((size, bits[1])), FLOATS[2, 16] if (size, bits[1]) == (2, 15) else None)
    return fields in known and bits[0] in (0x20, 0x21) and bits[2] == 0


def _is_string(bits: list[int], size: int, _: bytes) -> bool:
    return size > 0 and bits[0] & 15 <= 2 and bits[0] >> 4 <= 1 and not any(bits[1:])


def _is_variable_string(bits: list[int], size: int, about: bytes) -> bool:
    text = bits[0] & 15 == 1 and bits[0] >> 4 <= 2 and bits[1] <= 1 and not bits[2]
    return text and size == 16 and read_type(about) in (Type(INTEGER, 1), Type(STRING, 1))


_KNOWN = {
    INTEGER: _is_integer,
    FLOAT: _is_float,
    STRING: _is_string,
    VARIABLE: _is_variable_string,
}


def is_fill_value(data: bytes | None, kind: Type) -> bool:
    """Whether `data` is missing, or a valid fill value message for numbers of `kind`."""
    if data is None:
        return True
    if len(data) < FILL_VALUE.size:
        return False
    version, when, write, defined, size = FILL_VALUE.unpack_from(data)
    fits = size in (0, kind.size) and FILL_VALUE.size + size <= len(data)
    return version == 2 and 1 <= when <= 3 and write <= 2 and defined <= 1 and fits


def is_time(data: bytes | None) -> bool:
    """Whether `data` is missing, or a modification time message of version 1."""
    return data is None or (len(data) == 8 and data.startswith(b"\1\0\0\0"))


def _is_text(name: bytes) -> bool:
    try:
        return bool(name.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def read_attribute(data: bytes) -> Attribute:
    """What an attribute message says; raises `SubmissionRejected`."""
    if len(data) < ATTRIBUTE.size:
        damaged(_ATTRIBUTE)
    version, flags, *sizes = ATTRIBUTE.unpack_from(data)
    # Flags mean that type or space are in another object: h5py shares neither.
    if version not in (1, 2, 3) or (version > 1 and flags):
        damaged(_ATTRIBUTE)
    name, kind, space, values = _attribute_parts(data, version, sizes)
    # h5py writes any name in UTF-8; before version 3 there is no field to say so.
    if name.find(b"\0") != len(name) - 1 or (version < 3 and not _is_text(name)):
        damaged(_ATTRIBUTE)
    found = Attribute(decoded(name[:-1]), read_type(kind), read_space(space), values)
    if found.type and found.entries * found.type.size > len(values):
        damaged(_ATTRIBUTE)
    return found


def _attribute_parts(data: bytes, version: int, sizes: list[int]) -> list[bytes]:
    """Name, type, space and values; version 1 pads the first three to eight bytes each."""
    at = ATTRIBUTE.size + (version == 3)  # one more byte, the name's encoding
    parts: list[bytes] = []
    for size in sizes:
        parts.append(data[at : at + size])
        at += (size + 7) // 8 * 8 if version == 1 else size
    if at > len(data):
        damaged(_ATTRIBUTE)
    return [*parts, data[at:]]
