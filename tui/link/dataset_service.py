"""The public data sets for the data screen, through the functions that `tfexam data` uses.

Everything here may take long (hashing, fetching, copying), so call it only in a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.settings import Settings
    from exam_bank.catalog import Catalog
    from exam_bank.datasets.fetch import FetchProgress
    from exam_bank.datasets.manual_add import Added
    from exam_bank.datasets.registry import DataSet
    from exam_bank.datasets.store import Inventory
    from exam_bank.errors import DataError
    from exam_bank.task import Task


@dataclass(frozen=True)
class DataFileState:
    """One file of a data set; `path` is where it is, None if it is not here."""

    name: str
    bytes: int | None
    path: str | None


@dataclass(frozen=True)
class DataSetState:
    """One data set: its registry entry, the tasks that use it, and which of its files are here."""

    id: str
    says: DataSet
    tasks: tuple[Task, ...]
    files: tuple[DataFileState, ...]

    @property
    def missing(self) -> tuple[DataFileState, ...]:
        """The files that are not here."""
        return tuple(each for each in self.files if each.path is None)

    @property
    def is_here(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


class DatasetService:
    """The data sets of a bank under the current settings; every answer may take long."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._catalog = catalog
        self._store = settings.data_store(catalog.registry)

    def sets(self) -> list[DataSetState]:
        """Every data set of the registry with its state; those that a task uses come first."""
        holdings = self._store.look()
        found = [self._state(name, holdings) for name in self._catalog.registry.sets]
        return sorted(found, key=lambda each: not each.tasks)

    def _state(self, name: str, holdings: Inventory) -> DataSetState:
        says, here = self._catalog.registry.sets[name], holdings.files(name)
        files = (
            DataFileState(file, about.bytes, here[file].path if file in here else None)
            for file, about in says.files.items()
        )
        return DataSetState(
            id=name,
            says=says,
            tasks=tuple(task for task in self._catalog.tasks if task.says.source == name),
            files=tuple(files),
        )

    def fetch(
        self, name: str, on_progress: Callable[[FetchProgress], None], cancel: threading.Event
    ) -> None:
        """Fetch the missing files; raises `DataError`, or `FetchStopped` once `cancel` is set."""
        from exam_bank.datasets.fetch import Fetcher

        with Fetcher(self._store, on_progress=on_progress, cancel=cancel) as fetcher:
            fetcher.fetch(name)

    def verify(self) -> Mapping[Path, DataError]:
        """Check the hash of every file; returns the damaged files in the cache."""
        self._store.forget()
        return self._store.look().damaged(self._store.cache)

    def add(self, path: Path) -> list[Added]:
        """Copy a file, or an archive's files, to the cache; raises `DataError` if none is known."""
        from exam_bank.datasets.manual_add import add

        return add(path, self._store)
