"""Takes a frozen copy of a model file: the bytes that are graded, whatever happens next.

The copy counts only when the file did not change while it was read. Times in file
attributes are too coarse to see that (and a memory-mapped write may not touch them), so
the file is read a second time and both hashes must be the same.
"""

import hashlib
import os
import secrets
import threading
from pathlib import Path
from typing import BinaryIO, NamedTuple

from engine.files import sync_folder
from exam_bank.safe_files import open_regular as open_regular

_CHUNK = 1 << 20
PART = ".part"


class Frozen(NamedTuple):
    """A frozen copy: its hash and its size in bytes."""

    sha256: str
    size: int


class GivenUp(Exception):  # never leaves the engine, so not of the tree of errors
    """The app is closing: what read a model was told to stop."""


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
            os.fsync(target.fileno())
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
