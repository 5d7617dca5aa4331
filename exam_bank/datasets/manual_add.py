"""Adds files that a person got some other way: with a browser, on a USB stick, from a package.

Their hashes identify them, so names do not matter. An archive that is not itself one of the
files is searched for them; a table that is registered as the only member of a zip is zipped.
"""

import contextlib
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
from filelock import FileLock

from exam_bank.datasets.archives import copy_content, is_archive, members
from exam_bank.datasets.content import LARGEST
from exam_bank.datasets.registry import DataFile
from exam_bank.datasets.store import Store, WrongContent
from exam_bank.errors import DataError
from exam_bank.phrase import phrase
from exam_bank.safe_files import copy_hashed, sha256_of

_HTML = (b"<!doctype html", b"<html")


class Added(msgspec.Struct, frozen=True):
    """A file that was added: from where, and as which file of which data set."""

    source: str
    dataset: str
    file: str
    path: str


def add(path: Path, store: Store) -> list[Added]:
    """Copy every known data set file that `path` is or contains into the cache.

    Raises `DataError` if it is not one and contains none.
    """
    if not path.is_file():
        raise DataError(
            phrase("{path} is not a file.", path=path), fix=phrase("Name files, not folders.")
        )
    with _addition(store) as addition:
        added = (
            list(addition.as_it_is(path))
            or list(addition.as_member(path))
            or list(addition.within(path))
        )
    if not added:
        raise _unknown(path, store)
    return added


@contextlib.contextmanager
def _addition(store: Store) -> "Iterator[_Addition]":
    """A folder in the cache to copy to; first removes what a killed process left there."""
    folder = store.cache / ".adding"
    store.cache.mkdir(parents=True, exist_ok=True)
    with FileLock(store.cache / ".adding.lock"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield _Addition(store, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class _Addition:
    """Copies to a private folder first: what is kept must be what was hashed."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def as_it_is(self, path: Path) -> Iterator[Added]:
        """Keep `path` as every registered file whose hash it has."""
        content = self._store.content(path)
        for dataset, name, file in _files(self._store):
            if content.is_of(file):
                staged = self._folder / "copy"
                copy_hashed(path, staged)
                yield self._kept(path, staged, dataset, name)

    def as_member(self, path: Path) -> Iterator[Added]:
        """Zip `path` if it is the table that identifies a registered zip."""
        content = self._store.content(path)
        for dataset, name, file in _files(self._store):
            if content.plain.intersection(file.member_git_blob_sha1):
                staged = self._folder / "packed"
                with zipfile.ZipFile(staged, "w", zipfile.ZIP_DEFLATED) as archive:
                    archive.write(path, path.name)
                yield self._kept(path, staged, dataset, name)

    def within(self, path: Path) -> Iterator[Added]:
        """Keep the members of the archive `path` that are registered files."""
        if not is_archive(path):
            return
        for member in members(path):
            staged = self._folder / "member"
            copy_content(member, staged)
            for each in self.as_it_is(staged):
                yield msgspec.structs.replace(each, source=f"{path}!{member.name}")

    def _kept(self, path: Path, staged: Path, dataset: str, name: str) -> Added:
        target = self._store.keep(staged, dataset, name)
        return Added(str(path), dataset, name, str(target))


def _files(store: Store) -> Iterator[tuple[str, str, DataFile]]:
    for dataset, says in store.registry.sets.items():
        for name, file in says.files.items():
            yield dataset, name, file


def _unknown(path: Path, store: Store) -> DataError:
    """The error for an unknown file; says what a file of that name should be, if there is one."""
    with path.open("rb") as file:
        if file.read(64).lstrip().lower().startswith(_HTML):
            return DataError(
                phrase("{path} is a web page, not a data set.", path=path),
                fix=phrase(
                    "Open it in a browser, which may show why (a login, a quota, a new address)."
                ),
            )
    for dataset, name, wanted in _files(store):
        if path.name in (name, f"{name}.gz"):
            return WrongContent(dataset, name, wanted, path)
    if path.stat().st_size > LARGEST:
        return DataError(
            phrase(
                "{path} is not a file of a known data set: it holds more than {size} GB.",
                path=path,
                size=LARGEST >> 30,
            )
        )
    return DataError(
        phrase(
            "{path} is not a file of a known data set: its SHA-256 is {found}.",
            path=path,
            found=sha256_of(path),
        ),
        fix=phrase("`tfexam data list` shows which files are known."),
    )
