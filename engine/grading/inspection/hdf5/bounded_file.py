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
    """`size` bytes of `file` from `start`.

    `joined` is a number while pyfive reads the parts of an object header and joins them.
    """

    def __init__(self, file: BinaryIO, size: int, start: int = 0) -> None:
        self.steps = 0
        self.joined: int | None = None
        self._file, self.size, self.start = file, size, start

    def seek(self, at: int) -> None:
        """Go to `at`, which may be any number that a file names."""
        self._file.seek(self.start + min(at, self.size))

    def read(self, length: int) -> bytes:
        """Exactly `length` bytes; raises `SubmissionRejected` if there are fewer."""
        self.step(1 + length // BYTES_A_STEP)
        if self.joined is not None:  # every block of a header costs a copy of those before it
            self.step(self.joined // COPIED_BYTES_A_STEP)
            self.joined += length
        data = self._file.read(length) if length <= self.size else b""
        if len(data) < length:
            damaged("it ends too soon")
        return data

    def step(self, count: int = 1) -> None:
        """Count `count` steps of work; raises `SubmissionRejected` beyond `MAX_STEPS`."""
        self.steps += count
        if self.steps > MAX_STEPS:
            reject_bounds("too_many_objects", "/", MAX_STEPS)
