r"""Files on every system: bytes as they are, on disk when we say so, and replaced in one step.

Windows differs most. Its C library turns each `\n` that is written into `\r\n` unless a file
was opened as binary, it has no `pread` and no flush of a folder, and it refuses to replace a
file that is read-only or that anybody has open, be it a virus scanner for a moment.
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
    # To open a FIFO waits for its writer, for ever if there is none: open(2).
    _AS_BYTES, _WITHOUT_WAITING = 0, os.O_NONBLOCK

# Who scans or indexes a file lets it go soon: about half a second in all.
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.3)


def open_to_read(path: Path) -> int:
    """A descriptor that reads `path`, following links; never waits for the writer of a FIFO."""
    return os.open(path, os.O_RDONLY | _WITHOUT_WAITING | _AS_BYTES)


def open_to_append(path: Path) -> int:
    """A descriptor that reads `path` and adds to its end; made, for its owner only, if absent."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _AS_BYTES, 0o600)


def open_only_to_append(path: Path) -> int:
    """A descriptor that can do nothing with the file at `path` but add to its end."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | _AS_BYTES)


def read_at(descriptor: int, length: int, offset: int) -> bytes:
    """Up to `length` bytes from `offset` on.

    Moves where the descriptor stands, on Windows: only who appends, or asks again, may share it.
    """
    if sys.platform != "win32":
        return os.pread(descriptor, length, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    found = bytearray()
    while len(found) < length and (part := os.read(descriptor, length - len(found))):
        found += part
    return bytes(found)


def flush(descriptor: int) -> None:
    """Return once all that was written through `descriptor` is on disk."""
    if sys.platform == "darwin":
        import fcntl

        # fsync(2) of macOS leaves it in the drive's own cache; not every file system knows this.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Flush the names in `folder`; Windows opens no folder, and writes names by its own journal."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)


def replace(source: Path, target: Path) -> None:
    """Rename `source` to `target`, over what is there; raises `OSError`.

    Where Windows refuses because somebody has one of them open, it is tried again for half
    a second.
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
    """Windows neither removes nor replaces a file that is read-only; elsewhere its folder rules."""
    with contextlib.suppress(OSError):
        path.chmod(stat.S_IREAD | stat.S_IWRITE)
