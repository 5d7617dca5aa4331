"""Hands out the parts of an HDF5 file, each once, and counts the work that a file causes.

The parts of an honest file do not overlap. If two parts could share their bytes, a file of a few
megabytes could describe terabytes, contain itself, or have one list read a million times. So
every part is claimed before it is read, no two may overlap, and all together are at most the
file. The remaining work is then proportional to the file, and `MAX_STEPS` bounds that too.
"""

from typing import BinaryIO

from engine.grading.inspection.hdf5.refusals import damaged, reject_bounds

# An address that HDF5 writes for "nowhere".
UNDEFINED = 2**64 - 1
# Messages, members, nodes, texts: ten for each weight of an honest file, 40,000 for 400 layers
# and their optimizer.
MAX_STEPS = 500_000


class FileParts:
    """The bytes of `file`, `size` in all, claimed part by part."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.size = size
        self.steps = 0
        self._file = file
        self._claims: dict[int, int] = {}
        self._claimed = 0

    def take(self, at: int, length: int, part: str) -> bytes:
        """The `length` bytes at `at`, claimed for `part`.

        Raises `SubmissionRejected` when they are not all there, or claimed already.
        """
        self.claim(at, length, part)
        return self.read(at, length, part)

    def claim(self, at: int, length: int, part: str) -> None:
        """Reserve the `length` bytes at `at` for `part`, without reading them."""
        self.step()
        self._claimed += length
        if at in self._claims or at + length > self.size or self._claimed > self.size:
            damaged(part)
        if length:
            self._claims[at] = length

    def read(self, at: int, length: int, part: str) -> bytes:
        """`length` bytes of what is already claimed."""
        self._file.seek(min(at, self.size))
        data = self._file.read(length)
        if len(data) < length:
            damaged(part)
        return data

    def step(self, count: int = 1) -> None:
        """Count `count` steps of work; raises `SubmissionRejected` beyond `MAX_STEPS`."""
        self.steps += count
        if self.steps > MAX_STEPS:
            reject_bounds("too_many_objects", "/", MAX_STEPS)

    def check_apart(self) -> None:
        """Refuse a file with overlapping parts; call it when all are claimed."""
        end = 0
        for at in sorted(self._claims):
            if at < end:
                damaged("two parts in one place")
            end = at + self._claims[at]
