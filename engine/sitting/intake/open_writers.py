"""Does any process still have a file open for writing? Linux tells, others do not.

Quiet alone cannot tell a finished file from one whose writer has paused (a copy over a
network that stalls). File locks or leases could, but they would get in the writer's way;
reading /proc disturbs nobody. It knows this machine and this user only, so it can only
ever ask for more patience.
"""

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def has_writer(path: Path, proc: Path = _PROC) -> bool:
    """Whether a process of this user is seen to have `path` open for writing."""
    try:
        wanted = path.stat()
    except OSError:
        return False
    return any(
        os.path.samestat(found, wanted) and _writes(info)
        for found, info in _open_files(proc, os.fspath(path.resolve()))
    )


def _open_files(proc: Path, name: str) -> Iterator[tuple[os.stat_result, Path]]:
    """Each open file called `name`, with the file that tells how it was opened."""
    for process in _listing(proc):
        if not process.isdigit() or not _is_mine(proc / process):
            continue
        for descriptor in _listing(proc / process / "fd"):
            link = proc / process / "fd" / descriptor
            try:
                if os.readlink(link) == name:  # noqa: PTH115 - a Path each is slow here
                    yield link.stat(), proc / process / "fdinfo" / descriptor
            except OSError:
                continue  # closed meanwhile


def _is_mine(process: Path) -> bool:
    try:
        return process.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _listing(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - thousands of names, no need of Paths
    except OSError:
        return []


def _writes(info: Path) -> bool:
    try:
        lines = info.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    flags = next((line.split()[1] for line in lines if line.startswith("flags:")), "0")
    # Octal: proc_pid_fdinfo(5).
    return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY
