"""Is a model file whole? Answered from its first bytes and its size, without h5py.

HDF5 keeps the address of the file's end in its superblock; a file that is shorter is cut
off, one that is longer is still being written. Pure Python, because the app's process
loads no h5py, and because h5py would lock the file against the writer.
"""

from enum import StrEnum
from typing import BinaryIO

from engine.grading.inspection import superblock
from engine.grading.inspection.superblock import SIGNATURE

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
    while start + len(SIGNATURE) <= min(size, _LARGEST_USER_BLOCK):
        file.seek(start)
        head = file.read(superblock.LENGTH)
        if head.startswith(SIGNATURE):
            return Completeness.WHOLE if _ends_at(head, size) else Completeness.PARTIAL
        start = start * 2 or 512  # a user block may come first: 512, 1024, 2048, …
    return _without_signature(file, size)


def _ends_at(head: bytes, size: int) -> bool:
    found = superblock.read(head)
    if found is None or found.is_open:
        return False
    # Where a version of the future says no end that can be read, quiet alone must decide.
    return found.end in (None, size)


def _without_signature(file: BinaryIO, size: int) -> Completeness:
    """A file that starts with zeros was made in its full length and is being filled."""
    file.seek(0)
    head = file.read(min(size, 512))
    if not any(head) or SIGNATURE.startswith(head):
        return Completeness.PARTIAL
    return Completeness.FOREIGN
