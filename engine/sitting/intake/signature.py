"""Tells two states of a file apart without reading it, so that a look can be cheap."""

import errno
import stat
from pathlib import Path
from typing import NamedTuple


class Signature(NamedTuple):
    """The state of one file.

    The inode, because a save may replace the file; times in nanoseconds, because two saves
    may happen within a second; and `changed` (inode(7): st_ctim), because a copy that keeps
    times (`cp -p`, an archive) sets `modified` but cannot set this.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int


def signature_of(path: Path) -> Signature | None:
    """That of a regular file, following links; None for anything else of that name."""
    try:
        found = path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link to itself: the candidate's doing, not a disk error
            return None
        raise
    if not stat.S_ISREG(found.st_mode):
        return None
    return Signature(
        found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    )


def starter_signature(starter: Path) -> tuple[int, int] | None:
    """Size and time of change of a starter; None if there is none."""
    try:
        found = starter.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
