"""Finds models that arrive in the folder where browsers put downloads; only when asked to.

A model that was trained in a notebook elsewhere comes back that way. Nothing is taken from here:
what is found is offered, and the candidate decides. Looks block and keep no thread of their own.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from engine.sitting.intake.frozen import Completeness, completeness, open_regular
from engine.sitting.intake.stray_models import name_for

_Signature = tuple[int, int]


class Downloads:
    """Models that came, or changed, in `folder` since this was made."""

    def __init__(self, folder: Path, names: Collection[str]) -> None:
        """Look for files that could be taken as one of `names`."""
        self._folder, self._names = folder, names
        self._known = dict(self._there())
        self._moving: dict[Path, _Signature] = {}

    def arrived(self) -> list[Path]:
        """Whole models that are new and did not change since the last call, each once."""
        there = dict(self._there())
        fresh = {path: seen for path, seen in there.items() if self._known.get(path) != seen}
        still = [path for path, seen in fresh.items() if self._moving.get(path) == seen]
        found = [path for path in still if _is_whole(path, there[path][0])]
        self._known = {path: seen for path, seen in self._known.items() if path in there}
        self._known |= {path: there[path] for path in found}
        self._moving = fresh
        return sorted(found)

    def _there(self) -> Iterator[tuple[Path, _Signature]]:
        try:
            entries = sorted(self._folder.iterdir())
        except OSError:
            return  # a computer need not have such a folder, and it may come later
        for path in entries:
            if path.name.casefold() not in self._names and not name_for(path.name, self._names):
                continue
            try:
                about = path.stat()
            except OSError:
                continue  # gone meanwhile
            yield path, (about.st_size, about.st_mtime_ns)


def _is_whole(path: Path, size: int) -> bool:
    try:
        with open_regular(path) as file:
            return completeness(file, size) is Completeness.WHOLE
    except OSError:
        return False
