"""The public data sets as the data screen needs them, by the functions that `tfexam data` uses.

Everything here may take long (hashing, fetching, copying): it is called in a thread only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from engine.settings import Settings
    from exam_bank.catalog import Catalog
    from exam_bank.datasets.fetch import FetchProgress
    from exam_bank.datasets.manual_add import Added
    from exam_bank.datasets.store import Holdings
    from exam_bank.errors import DataError
    from exam_bank.task import Task


@dataclass(frozen=True)
class DataFileState:
    """One file of a data set; `path` is where it lies, None where it is not here."""

    name: str
    bytes: int | None
    path: str | None


@dataclass(frozen=True)
class DataSetState:
    """One data set: what it is, who uses it, and which of its files are here."""

    id: str
    title: str
    licence: str
    citation: str
    home: str
    bytes: int
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


class DataLike(Protocol):
    """The data sets of this machine; every answer may take long."""

    def sets(self) -> list[DataSetState]:
        """Every data set of the registry, as it stands."""
        ...

    def fetch(
        self, name: str, on_progress: Callable[[FetchProgress], None], cancel: threading.Event
    ) -> None:
        """Fetch what of a data set is missing."""
        ...

    def verify(self) -> Mapping[Path, DataError]:
        """Hash everything anew; what is damaged."""
        ...

    def add(self, path: Path) -> list[Added]:
        """Take in a file that a person fetched."""
        ...


class DatasetService:
    """The real ones, of a bank under the settings in force."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._catalog = catalog
        self._store = settings.data_store(catalog.registry)

    def sets(self) -> list[DataSetState]:
        """Every data set of the registry, as it stands; those that a task uses first."""
        holdings = self._store.look()
        found = [self._state(name, holdings) for name in self._catalog.registry.sets]
        return sorted(found, key=lambda each: not each.tasks)

    def _state(self, name: str, holdings: Holdings) -> DataSetState:
        says, here = self._catalog.registry.sets[name], holdings.files(name)
        files = (
            DataFileState(file, about.bytes, here[file].path if file in here else None)
            for file, about in says.files.items()
        )
        return DataSetState(
            id=name,
            title=says.title,
            licence=says.licence,
            citation=says.citation,
            home=says.home,
            bytes=says.bytes,
            tasks=tuple(task for task in self._catalog.tasks if task.says.source == name),
            files=tuple(files),
        )

    def fetch(
        self, name: str, on_progress: Callable[[FetchProgress], None], cancel: threading.Event
    ) -> None:
        """Fetch what is missing; raises `DataError`, or `FetchStopped` once `cancel` is set."""
        from exam_bank.datasets.fetch import Fetcher

        with Fetcher(self._store, on_progress=on_progress, cancel=cancel) as fetcher:
            fetcher.fetch(name)

    def verify(self) -> Mapping[Path, DataError]:
        """Hash everything anew; the files in the cache that are not what they should be."""
        self._store.forget()
        return self._store.look().damaged(self._store.cache)

    def add(self, path: Path) -> list[Added]:
        """Copy into the cache what `path` is or holds; raises `DataError` for a strange file."""
        from exam_bank.datasets.manual_add import add

        return add(path, self._store)
