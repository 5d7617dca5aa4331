"""Gives pyfive a file to read, within bounds.

pyfive trusts what it reads: a tree may hold itself, a header may go on for ever, a length may be
2**60. All of that takes calls and bytes, so these are counted here, and too many end in a
rejection.
"""

from typing import BinaryIO

from engine.grading.inspection.hdf5.refusals import damaged, reject_bounds

# A step is a call of `read`, a message, a name, or this many bytes: one or two microseconds. An
# honest file needs 30 for each of its weights, and those for the bytes of a long text.
MAX_STEPS = 1_000_000
BYTES_A_STEP = 64
COPIED_BYTES_A_STEP = 16_384


class BoundedFile:
    """The `size` bytes of `file`. While `joined` is a number, pyfive joins what it reads."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.steps = 0
        self.joined: int | None = None
        self._file, self.size = file, size

    def seek(self, at: int, whence: int = 0) -> int:
        """Go to `at`, which may be any number that a file names."""
        return self._file.seek(at if whence else min(at, self.size), whence)

    def read(self, length: int) -> bytes:
        """Exactly `length` bytes; raises `SubmissionRejected` if there are fewer."""
        self.step(1 + length // BYTES_A_STEP)
        if self.joined is not None:  # every block of a header costs a copy of those before it
            self.step(self.joined // COPIED_BYTES_A_STEP)
            self.joined += length
        return self.values(length)

    def values(self, length: int) -> bytes:
        """`length` bytes that nothing will look through."""
        data = self._file.read(length) if length <= self.size else b""
        if len(data) < length:
            damaged("it ends too soon")
        return data

    def step(self, count: int = 1) -> None:
        """Count `count` steps of work; raises `SubmissionRejected` beyond `MAX_STEPS`."""
        self.steps += count
        if self.steps > MAX_STEPS:
            reject_bounds("too_many_objects", "/", MAX_STEPS)
