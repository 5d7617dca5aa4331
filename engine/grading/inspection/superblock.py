"""Reads the first bytes of an HDF5 file: its version, and where it ends.

Used by the intake, to see whether a file is complete yet, and by inspection, which refuses what
Keras does not write. Pure Python: h5py's lock would get in the writer's way.
Layout: HDF5 File Format Specification, section II.
"""

from typing import NamedTuple

SIGNATURE = b"\x89HDF\r\n\x1a\n"
# The longest: in version 1 the last address that we read is at 44.
LENGTH = 52
# Per version: where the address size, the first address (the base) and the end of file are.
_PLACES = {0: (13, 24, 40), 1: (13, 28, 44), 2: (9, 12, 28), 3: (9, 12, 28)}
_FLAGS, _OPEN_FOR_WRITING = 11, 0b101


class Superblock(NamedTuple):
    """`end` is None where the version or the size of addresses is unknown."""

    version: int
    base: int | None
    end: int | None
    is_open: bool


def read(head: bytes) -> Superblock | None:
    """The superblock that `head` begins with; None if it is not complete."""
    if len(head) < LENGTH:
        return None
    version = head[8]
    size_at, base_at, end_at = _PLACES.get(version, (0, 0, 0))
    base = end = None
    if size_at and head[size_at] == 8:
        base, end = (int.from_bytes(head[at : at + 8], "little") for at in (base_at, end_at))
    # Only version 3 says that a program is writing (single writer, many readers).
    is_open = version == 3 and bool(head[_FLAGS] & _OPEN_FOR_WRITING)
    return Superblock(version, base, end, is_open)
