"""From a model file to its frozen copy: whether it is complete, and which bytes are graded.

HDF5 keeps the address of the file's end in its superblock, and a .keras file (a zip) ends with the
place of its list of members: a shorter file is cut off, a longer one is still being written. We
read that in pure Python, because the app's process
does not load h5py, and because h5py would lock the file against its writer.

The copy counts only if the file did not change while it was read. Timestamps are too
coarse to show that (and a write through a memory map may not touch them), so the file is
read a second time and both hashes must match.
"""

import hashlib
import secrets
import threading
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple

from engine.grading.inspection import archive, superblock
from engine.grading.inspection.superblock import SIGNATURE
from exam_bank.platform import disk
from exam_bank.safe_files import open_regular as open_regular

_CHUNK = 1 << 20
PART = ".part"

_LARGEST_USER_BLOCK = 1 << 20


class Completeness(StrEnum):
    """What the bytes say; only quiet can show that nobody is still writing."""

    WHOLE = "whole"
    PARTIAL = "partial"
    FOREIGN = "foreign"  # not an HDF5 file at all


class Frozen(NamedTuple):
    """A frozen copy: its hash and its size in bytes."""

    sha256: str
    size: int


class GivenUp(Exception):  # never leaves the engine, so not in the error tree
    """The app is closing, so reading a model was told to stop."""


def completeness(file: BinaryIO, size: int) -> Completeness:
    """Judge `file`, open for reading, of `size` bytes."""
    if size == 0:
        return Completeness.PARTIAL
    if is_archive(file):
        return Completeness.WHOLE if archive.is_whole(file, size) else Completeness.PARTIAL
    start = 0
    while start + len(SIGNATURE) <= min(size, _LARGEST_USER_BLOCK):
        file.seek(start)
        head = file.read(superblock.LENGTH)
        if head.startswith(SIGNATURE):
            return Completeness.WHOLE if _ends_at(head, size) else Completeness.PARTIAL
        start = start * 2 or 512  # a user block may come first: 512, 1024, 2048, …
    return _without_signature(file, size)


def is_archive(file: BinaryIO) -> bool:
    """Whether `file` begins like a zip, as .keras files do."""
    file.seek(0)
    return file.read(len(archive.SIGNATURE)) == archive.SIGNATURE


def _ends_at(head: bytes, size: int) -> bool:
    found = superblock.read(head)
    if found is None or found.is_open:
        return False
    # If a future version gives no end we can read, quiet alone must decide.
    return found.end in (None, size)


def _without_signature(file: BinaryIO, size: int) -> Completeness:
    """A file that starts with zeros was allocated in full and is being filled."""
    file.seek(0)
    head = file.read(min(size, 512))
    if not any(head) or SIGNATURE.startswith(head):
        return Completeness.PARTIAL
    return Completeness.FOREIGN


def digest(path: Path, stop: threading.Event, size: int) -> str | None:
    """The SHA-256 of a file of `size` bytes; None, without reading on, if it is longer.

    Raises `OSError`, or `GivenUp` when `stop` is set.
    """
    with open_regular(path) as file:
        found = _read_through(file, None, stop, size)
    return None if found is None else found.sha256


def freeze(
    path: Path, folder: Path, stop: threading.Event, size: int | None = None
) -> Frozen | None:
    """Copy `path` to `folder`/<sha256>.h5; None if it changed meanwhile.

    A file of more than `size` bytes has changed, so at most that many are copied.
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
            disk.flush(target.fileno())
        # The cheap test first; what it misses (same length), the second reading finds.
        if path.stat().st_size != copied.size:
            return None
        if digest(path, stop, copied.size) != copied.sha256:
            return None
        part.chmod(0o400)
        disk.replace(part, folder / f"{copied.sha256}.h5")
    finally:
        disk.unlink(part)
    disk.sync_folder(folder)
    return copied


def sweep(folder: Path) -> None:
    """Remove what killed copies left in `folder`."""
    for part in folder.glob(f".*{PART}"):
        disk.unlink(part)


def _read_through(
    source: BinaryIO, target: BinaryIO | None, stop: threading.Event, most: int | None
) -> Frozen | None:
    """Read all of `source` and write it to `target`; None if it exceeds `most` bytes."""
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
