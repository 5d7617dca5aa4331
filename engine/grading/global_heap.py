"""Checks the heaps that hold an HDF5 file's texts, because HDF5 itself does not.

HDF5 (seen in 1.14.6) walks a heap by the sizes its entries declare; an unused entry of
size 0 makes it walk on the spot for ever. A file with a few wiped bytes does that, so
every heap is walked here first. Layout: HDF5 File Format Specification, section III.E.
"""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

from engine.errors import SubmissionRejected
from engine.grading.protocol import Message
from engine.grading.rejecting import reject

SIGNATURE = b"GCOL\x01"
HEADER = struct.Struct("<5s3xQ")
ENTRY = struct.Struct("<HHxxxxQ")
MAX_ENTRIES = 200_000


def longest_text(path: Path) -> int:
    """The bytes of the longest text in the heaps of `path`, each of which ends as it should.

    Raises `SubmissionRejected`.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            sizes = [size for start, end in _heaps(data) for size in _walk(data, start, end)]
            return max(sizes, default=0)
    except OSError as error:
        raise SubmissionRejected(
            "unreadable_file",
            Message(
                "The file cannot be read ({error}): check its permissions.",
                {"error": error.strerror or "unknown"},
            ),
        ) from error


def _heaps(data: mmap.mmap) -> Iterator[tuple[int, int]]:
    """Where each heap begins and ends; one that would leave the file HDF5 refuses itself."""
    start = data.find(SIGNATURE)
    while start >= 0:
        if start + HEADER.size <= len(data):
            _, size = HEADER.unpack_from(data, start)
            if start + size <= len(data):
                yield start + HEADER.size, start + size
        start = data.find(SIGNATURE, start + 1)


def _walk(data: mmap.mmap, at: int, end: int) -> Iterator[int]:
    """The sizes of the texts in the heap between `at` and `end`."""
    entries = 0
    while at + ENTRY.size <= end:
        number, _, size = ENTRY.unpack_from(data, at)
        # A used entry's size leaves out its header and is rounded up to eight bytes.
        step = ENTRY.size + (size + 7) // 8 * 8 if number else size
        if step < ENTRY.size or at + step > end:
            reject("damaged", _DAMAGED)
        at += step
        entries += 1
        if entries > MAX_ENTRIES:
            reject("too_many_objects", _TOO_MANY)
        yield size if number else 0


_DAMAGED = Message("The HDF5 file is damaged (one of its text heaps): save the model again.")
_TOO_MANY = Message(
    "The file holds more texts than any model of this exam (more than {limit}).",
    {"limit": MAX_ENTRIES},
)
