"""Reads files that may turn out to be anything: a pipe, a device, gigabytes, garbage.

Settings, lists and tasks are named by a person or come in a folder from elsewhere. Opening
a FIFO can block for ever, and `/dev/full` never ends: neither may hold tfexam up.
"""

import errno
import os
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import msgspec

from exam_bank.phrase import phrase
from exam_bank.platform import disk

# What decoding raises for a file that was edited by hand, damaged or made to do harm. Text that
# is not UTF-8 raises `ValueError`, nesting a hundred thousand brackets deep `RecursionError`.
UNDECODABLE = (msgspec.MsgspecError, ValueError, RecursionError)
CHUNK = 1 << 20
SMALL = 64 << 10
# A pack's `task.toml` or `datasets.toml`.
LARGEST_TOML = 1 << 20
# A brief or a starter.
LARGEST_TEXT = 4 << 20
# One text file of a sitting: a journal of a million events is smaller.
LARGEST_KEPT = 256 << 20


def open_regular(path: Path) -> BufferedReader:
    """Open `path` for reading, following links, without ever waiting for a FIFO's writer.

    Raises `OSError`; for devices and FIFOs an `IsADirectoryError`, as for folders.
    """
    descriptor = disk.open_to_read(path)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IsADirectoryError(errno.EISDIR, phrase("it is not a regular file"), str(path))
    return os.fdopen(descriptor, "rb")


def chunks_of(path: Path, most: int | None = None) -> Iterator[bytes]:
    """The content of the plain file at `path`, a megabyte at a time.

    Raises `OSError` as `open_regular` does, and when there are more than `most` bytes. The
    default for `most` is the size at the start: some files never end.
    """
    left = path.stat().st_size if most is None else most
    grows = OSError(errno.EFBIG, "it grows while it is read", str(path))
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > left:
            raise grows
        while chunk := file.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise grows
            yield chunk


def sha256_of(path: Path) -> str:
    """The SHA-256 of the plain file at `path`; raises `OSError` as `chunks_of` does."""
    import hashlib  # loads OpenSSL, and the app's first paint hashes nothing

    found = hashlib.sha256()
    for chunk in chunks_of(path):
        found.update(chunk)
    return found.hexdigest()


def copy_hashed(source: Path, target: Path, most: int | None = None) -> str:
    """Copy `source` to the new file `target`; returns the SHA-256 of the bytes copied.

    Raises `OSError` as `chunks_of` does, and when `target` cannot be written.
    """
    import hashlib  # loads OpenSSL, and the app's first paint hashes nothing

    found = hashlib.sha256()
    with target.open("xb") as copy:
        for chunk in chunks_of(source, most):
            found.update(chunk)
            copy.write(chunk)
    return found.hexdigest()


def read_small(path: Path, limit: int = SMALL) -> bytes:
    """The content of the plain file at `path`, which may hold at most `limit` bytes.

    Raises `OSError`, also for a longer file or one that is not a plain file.
    """
    with open_regular(path) as file:
        is_small = os.fstat(file.fileno()).st_size <= limit  # checked before reading
        content = file.read(limit + 1) if is_small else b""
    if not is_small or len(content) > limit:
        why = phrase("it holds more than {size} kB", size=limit >> 10)
        raise OSError(errno.EFBIG, why, str(path))
    return content
