"""Small disks of their own that can be filled, emptied and made read-only.

A tmpfs needs the right to mount one; where that is missing, `mounted` says so and the
faults that need it are reported as not tried.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

_BLOCK = b"\0" * 4096


class NotHere(Exception):
    """This machine cannot provoke the fault."""


class Disk:
    """A mounted disk of a few megabytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(_BLOCK)

    def empty(self) -> None:
        """Make room again."""
        self._filler.unlink()

    def read_only(self, on: bool) -> None:
        """Refuse all writing, or allow it again."""
        _run("mount", "-o", f"remount,{'ro' if on else 'rw'}", str(self.folder))


@contextlib.contextmanager
def mounted(folder: Path, megabytes: int = 4) -> Iterator[Disk]:
    """A disk mounted on `folder`; raises `NotHere` where none can be."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name != "posix" or os.geteuid():
        raise NotHere("mounting a small disk needs root")
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tfexam-test", str(folder))
    try:
        yield Disk(folder)
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotHere(f"{command[0]} is not possible here") from error
