"""Is a model file whole? Answered from its first bytes and its size, without h5py.

HDF5 keeps the address of the file's end in its superblock; a file that is shorter is cut
off, one that is longer is still being written. Pure Python, because the app's process
loads no h5py, and because h5py would lock the file against the writer.
"""

from enum import StrEnum
from typing import BinaryIO

# HDF5 File Format Specification, "Disk Format: Level 0A - Format Signature and Superblock".
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Superblock version → offset of the 8-byte end-of-file address.
_END_ADDRESS = {0: 40, 1: 44, 2: 28, 3: 28}
# Bits of the file consistency flags: open for writing, open for single writer, many readers.
_OPEN_FOR_WRITING = 0b101
_LARGEST_USER_BLOCK = 1 << 20


class Completeness(StrEnum):
    """What the bytes say; only quiet can say that nobody writes any more."""

    WHOLE = "whole"
    PARTIAL = "partial"
    FOREIGN = "foreign"  # not an HDF5 file at all


def completeness(file: BinaryIO, size: int) -> Completeness:
    """Judge `file`, open for reading, of `size` bytes."""
    if size == 0:
        return Completeness.PARTIAL
    start = 0
    while start + len(_SIGNATURE) <= min(size, _LARGEST_USER_BLOCK):
        file.seek(start)
        head = file.read(48)
        if head.startswith(_SIGNATURE):
            return Completeness.WHOLE if _ends_at(head, size) else Completeness.PARTIAL
        start = start * 2 or 512  # a user block may come first: 512, 1024, 2048, …
    return _without_signature(file, size)


def _ends_at(head: bytes, size: int) -> bool:
    if len(head) < 48:
        return False
    version = head[8]
    offset = _END_ADDRESS.get(version)
    if offset is None:
        # A version of the future: its end cannot be read, so quiet alone must decide.
        return True
    if version == 3 and head[11] & _OPEN_FOR_WRITING:
        return False
    offset_size = head[13] if version < 2 else head[9]
    if offset_size != 8:
        return True
    return int.from_bytes(head[offset : offset + 8], "little") == size


def _without_signature(file: BinaryIO, size: int) -> Completeness:
    """A file that starts with zeros was made in its full length and is being filled."""
    file.seek(0)
    head = file.read(min(size, 512))
    if not any(head) or _SIGNATURE.startswith(head):
        return Completeness.PARTIAL
    return Completeness.FOREIGN
