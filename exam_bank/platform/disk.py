r"""Files on every system: bytes unchanged, flushed when we say so, and replaced in one step.

Windows differs most. Its C library turns each `\n` written into `\r\n` unless the file was
opened as binary, it has no `pread` and cannot flush a folder, and it refuses to replace a
file that is read-only or that anyone has open, even a virus scanner for a moment.
"""

import contextlib
import os
import stat
import sys
import time
from pathlib import Path

if sys.platform == "win32":
    _AS_BYTES, _WITHOUT_WAITING = os.O_BINARY, 0
else:
    # Opening a FIFO waits for its writer, for ever if there is none: open(2).
    _AS_BYTES, _WITHOUT_WAITING = 0, os.O_NONBLOCK

# Scanners and indexers soon let go of a file: half a second in all is enough.
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.3)


def open_to_read(path: Path) -> int:
    """A descriptor to read `path`, following links; never waits for a FIFO's writer."""
    return os.open(path, os.O_RDONLY | _WITHOUT_WAITING | _AS_BYTES)


def open_to_append(path: Path) -> int:
    """A descriptor to read `path` and append to it; creates a file only its owner can read."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _AS_BYTES, 0o600)


def open_only_to_append(path: Path) -> int:
    """A descriptor that can only append to the file at `path`."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | _AS_BYTES)


def read_at(descriptor: int, length: int, offset: int) -> bytes:
    """Up to `length` bytes from `offset` on.

    On Windows this moves the descriptor's position: share it only with code that appends or
    calls this function.
    """
    if sys.platform != "win32":
        return os.pread(descriptor, length, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    found = bytearray()
    while len(found) < length and (part := os.read(descriptor, length - len(found))):
        found += part
    return bytes(found)


def flush(descriptor: int) -> None:
    """Return once everything written through `descriptor` is on disk."""
    if sys.platform == "darwin":
        import fcntl

        # fsync(2) on macOS leaves data in the drive's cache. Not every file system supports this.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Flush the names in `folder`; Windows cannot, and keeps names safe by NTFS's own journal."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)


def replace(source: Path, target: Path) -> None:
    """Rename `source` to `target`, replacing what is there; raises `OSError`.

    If Windows refuses because someone has one of the files open, keep trying for half a
    second.
    """
    if sys.platform == "win32":
        for seconds in _PAUSES:
            with contextlib.suppress(PermissionError):
                source.replace(target)
                return
            _make_writable(target)
            time.sleep(seconds)
    source.replace(target)


def unlink(path: Path) -> None:
    """Remove a file, read-only or not, if it is there; raises `OSError`."""
    if sys.platform == "win32":
        _make_writable(path)
    path.unlink(missing_ok=True)


def _make_writable(path: Path) -> None:
    """Windows won't remove or replace a read-only file; elsewhere the folder's rights decide."""
    with contextlib.suppress(OSError):
        path.chmod(stat.S_IREAD | stat.S_IWRITE)
