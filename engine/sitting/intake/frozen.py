"""From a model file to its frozen copy: whether it is whole, and the bytes that are graded.

HDF5 keeps the address of the file's end in its superblock; a file that is shorter is cut
off, one that is longer is still being written. That is read in pure Python, because the
app's process loads no h5py, and because h5py would lock the file against the writer.

The copy counts only when the file did not change while it was read. Times in file
attributes are too coarse to see that (and a memory-mapped write may not touch them), so
the file is read a second time and both hashes must be the same.
"""

import hashlib
import os
import secrets
import threading
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple

from engine.files import sync_folder
from exam_bank.safe_files import open_regular as open_regular

_CHUNK = 1 << 20
PART = ".part"

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


class Frozen(NamedTuple):
    """A frozen copy: its hash and its size in bytes."""

    sha256: str
    size: int


class GivenUp(Exception):  # never leaves the engine, so not of the tree of errors
    """The app is closing: what read a model was told to stop."""


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


def digest(path: Path, stop: threading.Event, size: int) -> str | None:
    """The SHA-256 of a file of `size` bytes; None when it has more, which are not read.

    Raises `OSError`, or `GivenUp` when `stop` is set.
    """
    with open_regular(path) as file:
        found = _read_through(file, None, stop, size)
    return None if found is None else found.sha256


def freeze(
    path: Path, folder: Path, stop: threading.Event, size: int | None = None
) -> Frozen | None:
    """Copy `path` to `folder`/<sha256>.h5; None when it changed meanwhile.

    A file that has more than `size` bytes has changed: not more than those are copied.
    Raises `OSError`, or `GivenUp` when `stop` is set; then nothing is left in `folder`.
    """
    part = folder / f".{secrets.token_hex(6)}{PART}"
    try:
        with open_regular(path) as source, part.open("xb") as target:
            copied = _read_through(source, target, stop, size)
            if copied is None:
                return None
            target.flush()
            # Before the rename: the journal will name this file, and after a power cut a
            # name without its bytes would be a submission that cannot be graded.
            os.fsync(target.fileno())
        # The cheap test first; what it misses (the same length), the second reading finds.
        if path.stat().st_size != copied.size:
            return None
        if digest(path, stop, copied.size) != copied.sha256:
            return None
        part.chmod(0o400)
        part.replace(folder / f"{copied.sha256}.h5")
    finally:
        part.unlink(missing_ok=True)
    sync_folder(folder)
    return copied


def sweep(folder: Path) -> None:
    """Remove what copies that were killed have left in `folder`."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


def _read_through(
    source: BinaryIO, target: BinaryIO | None, stop: threading.Event, most: int | None
) -> Frozen | None:
    """Read all of `source`, and write it to `target`; None when it has more than `most` bytes."""
    seen, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        if stop.is_set():
            raise GivenUp
        size += len(chunk)
        if most is not None and size > most:
            return None
        seen.update(chunk)
        if target is not None:
            target.write(chunk)
    return Frozen(seen.hexdigest(), size)
