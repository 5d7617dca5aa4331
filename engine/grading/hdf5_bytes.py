"""Hands out the parts of an HDF5 file, each once, and counts the work that a file makes.

An honest file's parts lie side by side. Where two parts could share their bytes, a file of
a few megabytes could describe terabytes, contain itself, or have one list read a million
times; so every part is claimed before it is looked at, all claims together are at most the
file, and none touches another. What is then left to do is proportional to the file, and
`MAX_STEPS` bounds that too.
"""

from typing import BinaryIO, NoReturn

from engine.grading.protocol import Message
from engine.grading.rejecting import reject, shown

RESAVE = "model.save('mymodel.h5')"
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

        Raises `SubmissionRejected` when they are not all there, or claimed before.
        """
        self.claim(at, length, part)
        return self.read(at, length, part)

    def claim(self, at: int, length: int, part: str) -> None:
        """Give the `length` bytes at `at` to `part`, without reading them."""
        self.step()
        self._claimed += length
        if at in self._claims or at + length > self.size or self._claimed > self.size:
            damaged(part)
        if length:
            self._claims[at] = length

    def read(self, at: int, length: int, part: str) -> bytes:
        """`length` bytes of what is claimed already."""
        self._file.seek(min(at, self.size))
        data = self._file.read(length)
        if len(data) < length:
            damaged(part)
        return data

    def step(self, count: int = 1) -> None:
        """Count `count` things looked at; raises `SubmissionRejected` beyond `MAX_STEPS`."""
        self.steps += count
        if self.steps > MAX_STEPS:
            reject_bounds("too_many_objects", "/", MAX_STEPS)

    def check_apart(self) -> None:
        """Refuse a file of which two parts overlap; called when all are claimed."""
        end = 0
        for at in sorted(self._claims):
            if at < end:
                damaged("two parts in one place")
            end = at + self._claims[at]


def damaged(part: str) -> NoReturn:
    """Refuse a file of which `part` is not as HDF5 writes it."""
    reject(
        "damaged",
        Message("The HDF5 file is damaged ({error}): save the model again.", {"error": part}),
    )


def reject_newer() -> NoReturn:
    """Refuse the layout of HDF5 1.8 and later, which Keras never asks for."""
    reject("newer_hdf5", NEWER)


def reject_form() -> NoReturn:
    """Refuse a file whose superblock says what Keras has no reason to ask for."""
    reject(
        "odd_hdf5",
        Message(
            "This HDF5 file is of a form that Keras does not write: save with {save}.",
            {"save": RESAVE},
        ),
    )


def reject_odd(where: str) -> NoReturn:
    """Refuse a thing of a type that Keras does not store."""
    reject(
        "odd_type",
        Message(
            "{name} is of a kind that no Keras model holds: save the model with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def reject_bounds(reason: str, where: str, limit: int) -> NoReturn:
    """Refuse what is more than `limit` of its kind."""
    reject(
        reason,
        Message(
            "The file is larger or deeper inside than any model of this exam (at {name}, more "
            "than {limit}).",
            {"name": shown(where or "/"), "limit": limit},
        ),
    )


NEWER = Message(
    "The file has HDF5's newer layout (libver='latest' or track_order=True), which Keras does "
    "not write: load the model in a new Python and save it with {save}.",
    {"save": RESAVE},
)
