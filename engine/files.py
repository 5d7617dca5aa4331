"""Writes files so that a crash or a full disk leaves the old state or the new one, never a mix.

A rename is atomic, but durable only once the folder that holds the name is flushed too;
only this module has to remember that.
"""

import errno
import os
from pathlib import Path

from exam_bank.phrase import phrase
from exam_bank.platform import disk

_FIXES = {
    errno.ENOSPC: phrase("Free some space on that disk."),
    errno.EDQUOT: phrase("Your quota on that disk is used up: free some space."),
    errno.EMFILE: phrase("Too many files are open: close some, or raise the limit (ulimit -n)."),
    errno.ENFILE: phrase("Too many files are open on this machine: close other programs."),
    errno.ENOMEM: phrase("Close programs that use a lot of memory, or train a smaller model."),
    errno.EAGAIN: phrase("Close other programs, or raise the process limit (ulimit -u)."),
    errno.EROFS: phrase("Make that disk writable again, or use another one."),
    errno.ENOENT: phrase("Create what is missing, or restore it from a backup."),
    errno.EEXIST: phrase("Move that file away."),
    errno.EACCES: phrase("Check the folder's permissions."),
    errno.EPERM: phrase("Check the folder's permissions."),
}

# Linux's wording; these appear on screens.
_USUAL = (
    phrase("No space left on device"),
    phrase("Disk quota exceeded"),
    phrase("Too many open files"),
    phrase("Cannot allocate memory"),
    phrase("Resource temporarily unavailable"),
    phrase("Read-only file system"),
    phrase("No such file or directory"),
    phrase("File exists"),
    phrase("Permission denied"),
    phrase("Operation not permitted"),
    phrase("Not a directory"),
    phrase("Is a directory"),
    phrase("Input/output error"),
)


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path`, readable by its owner only, completely or not at all.

    Raises `OSError`; then `path` is unchanged and nothing is left beside it.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            # Content before name: a crash in between may leave a new name without content.
            file.flush()
            disk.flush(file.fileno())
        disk.replace(fresh, path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        error.filename = str(path)  # not of the file beside it, which nobody asked for
        raise
    disk.sync_folder(path.parent)


def in_the_way(folder: Path) -> Path | None:
    """What is no folder and keeps `folder` from being one: itself, or above it; None if fine."""
    for path in (*reversed(folder.absolute().parents), folder.absolute()):
        if not path.is_dir():
            return path if os.path.lexists(path) else None
    return None


def said(error: OSError) -> str:
    """The system's description of `error`; the common ones are translatable."""
    words = error.strerror or str(error) or type(error).__name__
    return next((known for known in _USUAL if known == words), words)


def what_to_do(error: OSError) -> str:
    """What a person can do about `error`."""
    usual = phrase("Check the disk and the folder's permissions.")
    return _FIXES.get(error.errno or 0, usual)
