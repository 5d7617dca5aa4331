"""Tells whether any process still has a file open for writing; only Linux knows.

Waiting for quiet cannot tell a finished file from one whose writer has paused (a copy over
a stalled network). File locks or leases could, but would get in the writer's way; reading
/proc disturbs nobody. It covers only this machine and this user, so it can only ever be a
reason to wait longer.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
# Bits of the flags in /proc/PID/fdinfo: proc_pid_fdinfo(5), open(2).
_ACCESS_MODE, _READ_ONLY = 0o3, 0o0


def has_writer(path: Path, proc: Path = _PROC) -> bool:
    """Whether we can see a process of this user with `path` open for writing."""
    try:
        wanted = path.stat()
    except OSError:
        return False
    return any(
        os.path.samestat(found, wanted) and _writes(info)
        for found, info in _open_files(proc, os.fspath(path.resolve()))
    )


def _open_files(proc: Path, name: str) -> Iterator[tuple[os.stat_result, Path]]:
    """Each open file called `name`, with the /proc file that says how it was opened."""
    for process in _listing(proc):
        if not process.isdigit() or not _is_mine(proc / process):
            continue
        for descriptor in _listing(proc / process / "fd"):
            link = proc / process / "fd" / descriptor
            try:
                if os.readlink(link) == name:  # noqa: PTH115 - thousands of Paths are slow
                    yield link.stat(), proc / process / "fdinfo" / descriptor
            except OSError:
                continue  # closed in the meantime


def _is_mine(process: Path) -> bool:
    try:
        return sys.platform != "win32" and process.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _listing(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - thousands of names, no need for Paths
    except OSError:
        return []


def _writes(info: Path) -> bool:
    try:
        lines = info.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    flags = next((line.split()[1] for line in lines if line.startswith("flags:")), "0")
    # Octal: proc_pid_fdinfo(5).
    return int(flags, 8) & _ACCESS_MODE != _READ_ONLY
