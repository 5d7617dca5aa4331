"""Writing so that a crash or a full disk leaves the old state or the new one, never a mix.

A rename is atomic, but only durable once the folder that holds the name is flushed too;
this module is the one place that remembers it.
"""

import errno
import os
from pathlib import Path

_FIXES = {
    errno.ENOSPC: "Make room on that disk.",
    errno.EDQUOT: "Your share of that disk is used up: make room on it.",
    errno.EMFILE: "Too many files are open: close some, or raise the limit (ulimit -n).",
    errno.ENFILE: "Too many files are open on this machine: close other programs.",
    errno.EROFS: "Make that disk writable again, or use another one.",
    errno.ENOENT: "Make what is missing again, or restore it from a backup.",
    errno.EEXIST: "Move that file away.",
    errno.EACCES: "Check the permissions of that folder.",
    errno.EPERM: "Check the permissions of that folder.",
}


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path`, readable by its owner only, all at once or not at all.

    Raises `OSError`; then `path` is what it was and nothing is left beside it.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush the names in `folder` to disk, where the system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def said(error: OSError) -> str:
    """What the system says about `error`, in its own words."""
    return error.strerror or str(error) or type(error).__name__


def what_to_do(error: OSError) -> str:
    """What a person can do about `error`."""
    return _FIXES.get(error.errno or 0, "Check that disk and the permissions of that folder.")
