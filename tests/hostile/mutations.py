"""Damages honest files in the ways that disks, networks and attackers do.

Every mutation takes a source of chance, the file, and another honest file to splice from.
The n-th mutated file depends on seed and n alone, so any one can be made again.
"""

import io
import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from engine.errors import SubmissionRejected
from engine.grading.inspection.hdf5.bounded_file import BoundedFile
from engine.grading.inspection.hdf5.structure import read_open

Mutation = Callable[[random.Random, bytearray, bytes], bytes]
METADATA = 4096
DIGITS, LETTERS, ANY = b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"[]{},:-. "
_END_OF_FILE = slice(40, 48)  # of superblock version 0, which Keras writes
# Parts of a file of any layout; each is as long as the next one is far, and at most so long.
_MARKS = re.compile(rb"TREE|SNOD|HEAP|GCOL|OHDR|OCHK|FRHP|FHDB|FHIB|BTHD|BTLF|BTIN|FSHD|FSSE")
_LONGEST_PART = 400


def flip_bits(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    for _ in range(draw.randint(1, 8)):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def flip_metadata(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    for _ in range(draw.randint(1, 4)):
        data[draw.randrange(min(METADATA, len(data)))] = draw.choice((0, 1, 0x7F, 0xFF))
    return bytes(data)


def large_number(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    at = draw.randrange(48, len(data) - 8)
    data[at : at + 8] = draw.choice((b"\xff" * 8, b"\0" * 8, (2**40).to_bytes(8, "little")))
    return bytes(data)


def cut(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    return bytes(data[: draw.randrange(len(data))])


def cut_with_fitting_end(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    size = draw.randrange(96, len(data))
    data[_END_OF_FILE] = size.to_bytes(8, "little")
    return bytes(data[:size])


def splice(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    start, end = sorted(draw.randrange(len(data)) for _ in range(2))
    at, length = draw.randrange(48, len(data)), min(end - start, 512)
    data[at : at + length] = data[start : start + length]
    return bytes(data[: len(data)])


def splice_header(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    """The start of another file before the rest of this one, with an end that fits."""
    length = draw.choice((96, 512, 2048, METADATA, draw.randrange(96, len(other))))
    data[:length] = other[:length]
    data[_END_OF_FILE] = len(data).to_bytes(8, "little")
    return bytes(data)


def wipe(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    at = draw.randrange(len(data))
    length = min(draw.randint(1, 512), len(data) - at)
    data[at : at + length] = bytes(length)
    return bytes(data)


def change_words(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    """Digits and letters of the configuration: what gets past the checks of structure."""
    start = data.find(b'{"')
    end = data.rfind(b"}")
    if not 0 <= start < end:
        return flip_bits(draw, data, other)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(start, end)
        like = next((each for each in (DIGITS, LETTERS) if data[at] in each), ANY)
        data[at] = draw.choice(like)
    return bytes(data)


class _Places(BoundedFile):
    """Remembers where the parts of a file lie that are not numbers."""

    def __init__(self, data: bytes) -> None:
        self._at = io.BytesIO(data)
        super().__init__(self._at, len(data))
        self.found: list[tuple[int, int]] = []

    def read(self, length: int) -> bytes:
        self.found.append((self._at.tell(), length))
        return super().read(length)


@lru_cache(maxsize=64)
def places(data: bytes) -> list[tuple[int, int]]:
    """Start and length of the parts that the structure of `data` is made of, in any layout."""
    known = _Places(data)
    try:
        read_open(known)
    except SubmissionRejected:
        starts = [0, *(found.start() for found in _MARKS.finditer(data))]
        ends = [*starts[1:], len(data)]
        return [(at, min(end - at, _LONGEST_PART)) for at, end in zip(starts, ends, strict=True)]
    return sorted({(at, length) for at, length in known.found if length})


def _within(draw: random.Random, data: bytearray, width: int) -> int:
    """An address in a part of the file, a multiple of `width`; every part is as likely."""
    at, length = draw.choice(places(bytes(data)))
    return min(at + draw.randrange(length) // width * width, len(data) - width)


def change_structure(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    """One byte of a header, tree or heap."""
    data[_within(draw, data, 1)] = draw.choice(
        (0, 1, 2, 3, 4, 8, 16, 0x7F, 0xFF, draw.randrange(256))
    )
    return bytes(data)


def change_structures(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    for at in [_within(draw, data, 1) for _ in range(draw.randint(2, 6))]:
        data[at] = draw.choice((data[at] ^ 1 << draw.randrange(8), draw.randrange(256)))
    return bytes(data)


def change_address(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    """Another part's address, or one beside it, in place of eight bytes."""
    target = draw.choice(places(bytes(data)))[0] + draw.choice((0, 0, 0, 8, -8, 16))
    at = _within(draw, data, 8)
    data[at : at + 8] = max(target, 0).to_bytes(8, "little")
    return bytes(data)


def change_size(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    """Two, four or eight bytes a little more, a little less, doubled or enormous."""
    width = draw.choice((2, 4, 8))
    at = _within(draw, data, width)
    size = int.from_bytes(data[at : at + width], "little")
    size = draw.choice(
        (size + 1, size - 1, size + 8, size - 8, 2 * size, 2 ** (8 * width) - 1 - size)
    )
    data[at : at + width] = (size % 2 ** (8 * width)).to_bytes(width, "little")
    return bytes(data)


def exchange_parts(draw: random.Random, data: bytearray, other: bytes) -> bytes:
    """A part of this file or the other over the start of another part."""
    whence = draw.choice((bytes(data), other))
    start, length = draw.choice(places(whence))
    at, room = draw.choice(places(bytes(data)))
    length = min(length, room)
    data[at : at + length] = whence[start : start + length]
    return bytes(data)


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    flip_metadata,
    large_number,
    cut,
    cut_with_fitting_end,
    splice,
    splice_header,
    wipe,
    change_words,
    change_structure,
    change_structures,
    change_address,
    change_size,
    exchange_parts,
)


def mutated(sources: Sequence[bytes], seed: int, number: int) -> bytes:
    """The file `number` of `seed`; its source is `sources[number % len(sources)]`."""
    draw = random.Random(f"{seed} {number}")
    source, other = bytearray(sources[number % len(sources)]), draw.choice(sources)
    # Not by `number` alone: every mutation has to meet every source.
    return MUTATIONS[number // len(sources) % len(MUTATIONS)](draw, source, other)


def mutations(sources: Sequence[bytes], seed: int, count: int) -> Iterator[bytes]:
    """The first `count` files of `seed`."""
    return (mutated(sources, seed, number) for number in range(count))
