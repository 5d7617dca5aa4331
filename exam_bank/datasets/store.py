"""Finds the files of data sets on this machine, whatever their names.

    <cache>/<id>/<file>      what `tfexam data` fetched or added
    TFEXAM_DATA, …           folders of a person's own, searched by hash
    file:/usr/share/…        where the system's packages put them

A file counts as verified if its content was hashed and its `stamp` has not changed since.
Hashes are remembered in `<cache>/.known.json`, so that looking again takes milliseconds.
`tfexam data verify` forgets them and hashes everything again.
"""

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from exam_bank.datasets.compression import form_of
from exam_bank.datasets.content import LARGEST, Content
from exam_bank.datasets.local import LocalDataset, LocalFile
from exam_bank.datasets.members import digests
from exam_bank.datasets.registry import SYNTHETIC, DataFile, DataSet, Registry, built_in
from exam_bank.errors import DataError
from exam_bank.phrase import phrase
from exam_bank.platform import disk
from exam_bank.safe_files import UNDECODABLE, sha256_of

KNOWN = ".known.json"
# The suffix of a file that is still arriving.
PART = ".part"
_DEEPEST = 4
_MEGABYTE = 1_000_000
_MOST_FILES = 10_000


# Size, time of the content (ns), time of any change (ns), inode.
Stamp = tuple[int, int, int, int]


def stamp(found: os.stat_result) -> Stamp:
    """Tells whether a file is still the one that was hashed.

    Whoever can write a file can set its size and mtime, but not its ctime, and another file
    in its place has another inode. The device is left out: its number may change at every
    boot, and a file on another device has other times.
    """
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


class _Known(msgspec.Struct, frozen=True):
    """The hashes of a file, and its stamp at the time."""

    stamp: Stamp
    content: Content


class WrongContent(DataError):
    """A file is not the one it should be; the message says what was expected and found."""

    def __init__(self, dataset: str, name: str, file: DataFile, found: Path) -> None:
        size = found.stat().st_size if found.is_file() else 0
        has = f"SHA-256 {sha256_of(found)}" if size else phrase("nothing")
        whole = [each for each in file.told_by if each != file.members_sha256]
        wanted = " or ".join(whole or file.told_by)
        length = phrase(" ({n} bytes)", n=file.bytes) if file.bytes else ""
        again = phrase(", or the same files packed again") if file.members else ""
        super().__init__(
            phrase(
                "{name} of {dataset} is not the expected file: expected "
                "{wanted}{length}{again}, found {has} ({size} bytes)",
                name=name,
                dataset=dataset,
                wanted=wanted,
                length=length,
                again=again,
                has=has,
                size=size,
            ),
            fix=phrase("It is ignored: it may be cut off, or be another version."),
        )


class Inventory:
    """The data set files that `Store.look` found on this machine."""

    def __init__(self, registry: Registry, found: Mapping[Path, _Known]) -> None:
        self._registry = registry
        self._found = found

    def files(self, dataset: str) -> dict[str, LocalFile]:
        """The verified files of `dataset` on this machine, by name."""
        here = {}
        for name, file in self._set(dataset).files.items():
            for path, known in self._found.items():
                if known.content.is_of(file):
                    here[name] = LocalFile(str(path), *known.stamp[:2], file.text)
                    break
        return here

    def missing(self, dataset: str) -> dict[str, DataFile]:
        """The files of `dataset` that are missing, by name."""
        here = self.files(dataset)
        wanted = self._set(dataset).files
        return {name: file for name, file in wanted.items() if name not in here}

    def is_here(self, source: str) -> bool:
        """Whether everything is here that a task with this `source` needs."""
        return not self.lacks(source)

    def dataset(self, dataset: str) -> LocalDataset:
        """All files of `dataset`; raises `DataError`, saying what to fetch, if one is missing."""
        if missing := self.missing(dataset):
            raise absent({dataset: missing})
        return LocalDataset(dataset, self.files(dataset))

    def lacks(self, source: str) -> dict[str, DataFile]:
        """The missing files, by name, that a task with this `source` needs."""
        return {} if source == SYNTHETIC else self.missing(source)

    def of_source(self, source: str) -> LocalDataset | None:
        """What a task with this `source` needs: None for a synthetic one. Raises `DataError`."""
        return None if source == SYNTHETIC else self.dataset(source)

    def damaged(self, cache: Path) -> dict[Path, DataError]:
        """The files in `cache` that are not what their names promise, and what is wrong."""
        wrong: dict[Path, DataError] = {}
        for path, known in self._found.items():
            says = self._registry.sets.get(path.parent.name)
            if says is None or path.parent.parent != cache:
                continue
            name = path.name if path.name in says.files else path.name.removesuffix(".gz")
            if name in says.files and not known.content.is_of(says.files[name]):
                wrong[path] = WrongContent(path.parent.name, name, says.files[name], path)
        return wrong

    def _set(self, dataset: str) -> DataSet:
        if dataset not in self._registry.sets:
            known = ", ".join(sorted(self._registry.sets))
            raise DataError(
                phrase("There is no data set {dataset}.", dataset=repr(dataset)),
                fix=phrase("Known: {known}.", known=known),
            )
        return self._registry.sets[dataset]


class Store:
    """The places on this machine where data sets may be."""

    def __init__(
        self, cache: Path, folders: Sequence[Path] = (), registry: Registry | None = None
    ) -> None:
        self.cache = cache
        self.folders = tuple(folders)
        self.registry = registry or built_in()

    def look(self, *, remember: bool = True) -> Inventory:
        """Look at every place now, hashing only files that are new or changed.

        Writes nothing if `remember` is false.
        """
        known = self._known()
        found = {}
        for path in self._candidates():
            entry = known.get(str(path)) if _unchanged(path, known.get(str(path))) else None
            entry = entry or _hashed(path)
            if entry is not None:
                found[path] = self._looked_into(path, entry)
        if remember:
            self._remember({**known, **{str(path): entry for path, entry in found.items()}})
        return Inventory(self.registry, found)

    def of_sources(self, sources: Iterable[str]) -> dict[str, LocalDataset | None]:
        """What tasks with these `sources` need; None for synthetic ones, which need nothing.

        Raises `DataError`, naming everything that is missing and how to get it.
        """
        wanted = dict.fromkeys(sources)
        if set(wanted) <= {SYNTHETIC}:
            return wanted
        inventory = self.look()
        missing = {name: files for name in wanted if (files := inventory.lacks(name))}
        if missing:
            raise absent(missing)
        return {name: inventory.of_source(name) for name in wanted}

    def keep(self, staged: Path, dataset: str, name: str) -> Path:
        """Give the file `staged`, which is in the cache, its final name; returns its path.

        Raises `WrongContent` if it is not the file `name` of `dataset`.
        """
        file = self.registry.sets[dataset].files[name]
        found = self._hashed(staged)
        if found is None or not found.content.is_of(file):
            raise WrongContent(dataset, name, file, staged)
        target = self.cache / dataset / _as_delivered(name, staged)
        # Flush before renaming: a file with its final name is taken to be complete.
        with staged.open("rb+") as written:
            disk.flush(written.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(staged, target)
        # Left by a fetch that was stopped; the whole file has come another way.
        (target.parent / f"{name}{PART}").unlink(missing_ok=True)
        # Renaming changes the ctime too, and nobody else writes in the cache.
        known = msgspec.structs.replace(found, stamp=stamp(target.stat()))
        self._remember({**self._known(), str(target): known})
        return target

    def forget(self) -> None:
        """Forget every hash, so that everything is hashed again."""
        (self.cache / KNOWN).unlink(missing_ok=True)

    def content(self, path: Path) -> Content:
        """The hashes of the file at `path` that the registry could know.

        Empty if the file is too large to be one of ours, or cannot be read.
        """
        found = self._hashed(path)
        return found.content if found else Content("")

    def _hashed(self, path: Path) -> _Known | None:
        found = _hashed(path)
        return found and self._looked_into(path, found)

    def _looked_into(self, path: Path, known: _Known) -> _Known:
        """`known`, with the digests of the file's members if they are worth the time.

        They are if it may be one of our archives packed again, and is none as delivered.
        """
        content = known.content
        wanted = {
            file.members
            for file in self.registry.files()
            if file.members is not None and file.may_hold(known.stamp[0], content.form)
        }
        unasked = wanted - content.by_members.keys()
        if not unasked or any(content.is_of(file) for file in self.registry.files()):
            return known
        told = {**content.by_members, **digests(path, unasked)}
        return msgspec.structs.replace(
            known, content=msgspec.structs.replace(content, by_members=told)
        )

    def _candidates(self) -> Iterator[Path]:
        """Every file that may be one of ours, once each; the cache first."""
        seen = set()
        for path in (*_below(self.cache), *self._of_the_system(), *self._placed()):
            if path not in seen:
                seen.add(path)
                yield path

    def _placed(self) -> Iterator[Path]:
        """Candidates in a person's folders; a downloads folder holds much that is not ours."""
        files = list(self.registry.files())
        for folder in self.folders:
            yield from (path for path in _below(folder) if _may_be_any(files, path))

    def _of_the_system(self) -> Iterator[Path]:
        for file in self.registry.files():
            for source in file.sources:
                path = Path(source.removeprefix("file:"))
                if source.startswith("file:") and path.is_file():
                    yield path

    def _known(self) -> dict[str, _Known]:
        try:
            content = (self.cache / KNOWN).read_bytes()
            return msgspec.json.decode(content, type=dict[str, _Known])
        except (OSError, *UNDECODABLE):
            return {}

    def _remember(self, known: Mapping[str, _Known]) -> None:
        """Save the hashes of files that still exist.

        If the cache cannot be written, that only costs time.
        """
        kept = {path: entry for path, entry in known.items() if Path(path).exists()}
        if kept == self._known():
            return
        # Several threads may fetch at once.
        staged = self.cache / f"{KNOWN}.{os.getpid()}.{threading.get_ident()}"
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            staged.write_bytes(msgspec.json.encode(kept))
            disk.replace(staged, self.cache / KNOWN)
        except OSError:
            with contextlib.suppress(OSError):
                staged.unlink()


def absent(missing: Mapping[str, Mapping[str, DataFile]]) -> DataError:
    """The error for missing data sets, naming their files and how to get them."""
    said = "; ".join(f"{name} ({', '.join(files)})" for name, files in missing.items())
    size = sum(file.bytes or 0 for files in missing.values() for file in files.values())
    cost = f" ({max(1, size // _MEGABYTE)} MB)" if size else ""
    return DataError(
        phrase("Some data are missing: {said}.", said=said),
        fix=phrase(
            "Fetch them{cost}: tfexam data fetch {missing}. Or put the files "
            "into a folder that TFEXAM_DATA names.",
            cost=cost,
            missing=" ".join(missing),
        ),
    )


def _as_delivered(name: str, path: Path) -> str:
    """The name to keep a file under; a compressed one says so."""
    packed = form_of(path) == "gzip" and not name.endswith((".gz", ".tgz"))
    return f"{name}.gz" if packed else name


def _below(folder: Path) -> Iterator[Path]:
    """The files in `folder`, up to a depth and a number."""
    left = _MOST_FILES
    for at, folders, names in os.walk(folder):
        depth = len(Path(at).relative_to(folder).parts)
        folders[:] = sorted(each for each in folders if not each.startswith(".")) * (
            depth < _DEEPEST
        )
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith(PART) and _is_text(at, name):
                yield Path(at) / name
                left -= 1
        if left <= 0:
            return


def _is_text(*names: str) -> bool:
    """Whether a path can be saved as text: a name that is not UTF-8 cannot."""
    try:
        return bool("".join(names).encode())
    except UnicodeEncodeError:
        return False


def _may_be_any(files: Sequence[DataFile], path: Path) -> bool:
    try:
        # Opening a pipe would wait for ever.
        size, form = path.stat().st_size, form_of(path) if path.is_file() else ""
    except OSError:
        return False
    return any(file.may_be(size, form) for file in files)


def _unchanged(path: Path, known: _Known | None) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return known is not None and stamp(found) == known.stamp


def _hashed(path: Path) -> _Known | None:
    """The hashes of a file; None if it is too large, not a file or unreadable."""
    try:
        found = path.stat()
        if not path.is_file() or not 0 < found.st_size <= LARGEST:
            return None
        return _Known(stamp(found), Content.read(path))
    except OSError:
        return None
