"""Lists a category folder for a panel.

The candidate's folder may hold anything: thousands of images, links to elsewhere, names
that are not valid text. The list is short, follows no links and says how much it omits.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

import msgspec

from exam_bank.printable import printable

MOST_ENTRIES = 200
_DEEPEST = 2
_FIRST = ("starter.py", "mymodel.h5", "training.csv", "brief.md")
_SKIPPED = ("__pycache__",)


class FileEntry(msgspec.Struct, frozen=True):
    """A file or folder: its `name` relative to the category folder, with / between parts.

    `size` of a folder is None; `changed` is wall time in seconds since 1970.
    """

    name: str
    size: int | None
    changed: float


class Listing(msgspec.Struct, frozen=True):
    """The entries of a category folder; `left_out` counts those that did not fit.

    `fault` says why there is no list.
    """

    entries: tuple[FileEntry, ...] = ()
    left_out: int = 0
    fault: str = ""


class Lister:
    """Lists one category folder repeatedly; reads names again only after they changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, tuple[int, list[str]]] = {}
        self._left_out = 0

    def read(self) -> Listing:
        """The list as it is now; never raises."""
        self._left_out = 0
        entries: list[FileEntry] = []
        try:
            self._walk(os.fspath(self._folder), "", 0, entries)
        except OSError as error:
            return Listing(fault=error.strerror or str(error))
        return Listing(tuple(entries), self._left_out)

    def _walk(self, folder: str, above: str, depth: int, entries: list[FileEntry]) -> None:
        """Files of a folder first, then each folder followed by what it holds."""
        folders: list[tuple[FileEntry, str]] = []
        for name in self._names_in(folder):
            if len(entries) + len(folders) >= MOST_ENTRIES:
                self._left_out += 1
                continue
            path = os.path.join(folder, name)  # noqa: PTH118 - not every name is text
            entry = _entry(path, above + printable(name))
            if entry is None:
                continue  # gone meanwhile
            if entry.size is None:
                folders.append((entry, path))
            else:
                entries.append(entry)
        for entry, path in folders:
            entries.append(entry)
            if depth + 1 < _DEEPEST:
                with suppress(OSError):  # this one is unreadable; the others may not be
                    self._walk(path, entry.name, depth + 1, entries)

    def _names_in(self, folder: str) -> list[str]:
        stamp = os.stat(folder).st_mtime_ns  # noqa: PTH116 - not every name is text
        known = self._names.get(folder)
        if known is None or known[0] != stamp:
            found = os.listdir(folder)  # noqa: PTH208 - thousands of names, no need of Paths
            names = sorted(filter(_is_shown, found), key=_rank)
            known = self._names[folder] = (stamp, names)
        return known[1]


def _is_shown(name: str) -> bool:
    return not name.startswith(".") and name not in _SKIPPED


def _entry(path: str, shown: str) -> FileEntry | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if stat.S_ISDIR(found.st_mode):
        return FileEntry(shown + "/", None, found.st_mtime)
    return FileEntry(shown, found.st_size, found.st_mtime)


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name.casefold())
