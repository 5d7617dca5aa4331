"""Reads the heaps that hold an HDF5 file's texts.

HDF5 1.14.6 walks a heap by the sizes that its entries declare (an entry of size 0 keeps it in
place for ever) and reserves room for as many entries as the highest number says. So each heap
is walked here first, once, when a text points to it. Layout: HDF5 File Format Specification,
section III.E.
"""

import struct
from collections.abc import Iterator

from engine.grading.inspection.hdf5.file_bytes import UNDEFINED, FileParts
from engine.grading.inspection.hdf5.refusals import damaged

HEADER = struct.Struct("<4sB3xQ")
ENTRY = struct.Struct("<HH4xQ")
REFERENCE = struct.Struct("<IQI")
MIN_SIZE = 4096
_PART = "one of its text heaps"


class GlobalHeaps:
    """The texts of a file, by their place."""

    def __init__(self, parts: FileParts) -> None:
        self._parts = parts
        self._heaps: dict[int, dict[int, tuple[int, int]]] = {}
        self._left = parts.size

    def check(self, reference: bytes) -> None:
        """Refuse a reference to a missing text; all texts together are at most the file.

        A list only points to its texts, so a small file can name one long text many times.
        """
        self._parts.step()
        length, _ = self._find(reference)
        self._left -= length
        if self._left < 0:
            damaged(_PART)

    def text(self, reference: bytes) -> bytes:
        """The bytes of the text that `reference` points to, which has passed `check`."""
        length, place = self._find(reference)
        return self._parts.read(place, length, _PART)

    def _find(self, reference: bytes) -> tuple[int, int]:
        """Length and place of a text."""
        length, heap, number = REFERENCE.unpack(reference)
        if not length and heap in (0, UNDEFINED):
            return 0, 0
        if heap not in self._heaps:
            self._heaps[heap] = self._walk(heap)
        place, size = self._heaps[heap].get(number, (0, -1))
        if size != length:
            damaged(_PART)
        return length, place

    def _walk(self, start: int) -> dict[int, tuple[int, int]]:
        """Place and size of each entry of the heap at `start`, by its number."""
        found: dict[int, tuple[int, int]] = {}
        for at, number, length in self._entries(start):
            if number in found:
                damaged(_PART)
            if number:  # 0 is the free space at the end
                found[number] = (start + at + ENTRY.size, length)
        return found

    def _entries(self, start: int) -> Iterator[tuple[int, int, int]]:
        """Offset, number and length of each entry of the heap at `start`."""
        mark, version, size = HEADER.unpack(self._parts.read(start, HEADER.size, _PART))
        if (mark, version) != (b"GCOL", 1) or size < MIN_SIZE or size % 8:
            damaged(_PART)
        data = self._parts.take(start, size, _PART)
        at = HEADER.size
        while at + ENTRY.size <= size:
            self._parts.step()
            number, _, length = ENTRY.unpack_from(data, at)
            # A used entry's size leaves out its header and is rounded up to eight bytes; the
            # free space's counts its header (section III.E).
            step = ENTRY.size + (length + 7) // 8 * 8 if number else length
            if step < ENTRY.size or at + step > size or number > size // ENTRY.size:
                damaged(_PART)
            yield at, number, length
            at += step
