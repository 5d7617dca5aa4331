"""Damages honest files in the ways that disks, networks and attackers do.

Every mutation takes a source of chance, the file, and another honest file to splice from.
The n-th mutated file depends on seed and n alone, so any one can be made again.
"""

import random
from collections.abc import Callable, Iterator, Sequence

Mutation = Callable[[random.Random, bytearray, bytes], bytes]
METADATA = 4096
DIGITS, LETTERS, ANY = b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"[]{},:-. "
_END_OF_FILE = slice(40, 48)  # of superblock version 0, which Keras writes


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
