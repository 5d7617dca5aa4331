"""Collects the files of a class: from folders, from zips, and from zips in those.

Whatever is in the way of one file becomes that file's fault and takes nothing from the others.
Only what may be a model is unpacked, and only into the folder of unpacked files.
"""

import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from engine.classroom.intake import gradescope_export
from engine.classroom.intake.layouts import (
    METADATA,
    PACKED_SUFFIXES,
    ZIP_SUFFIX,
    is_model,
    is_model_folder,
    is_noise,
)
from engine.classroom.intake.unpacked import TooLargeError, Unpacked
from engine.classroom.intake.zips import (
    UNREADABLE,
    Fault,
    ZipMember,
    damaged_member,
    members_of,
    unreadable,
)
from engine.classroom.people import Person
from engine.errors import ClassError
from engine.files import said, what_to_do
from engine.grading.protocol import Message
from engine.sitting.store.record import RECORD
from engine.verification.bundle import MANIFEST
from exam_bank.datasets.compression import opened_zip
from exam_bank.phrase import phrase
from exam_bank.safe_files import read_small, sha256_of

# A class's zip holds people's zips, and these perhaps one more.
MOST_NESTED = 3
# Weights hardly shrink, so an honest zip unpacks to little more than itself.
MOST_TIMES, ALWAYS = 20, 1 << 30
LARGEST_ZIP = 64 << 30

Parts = tuple[str, ...]


class Collected(NamedTuple):
    """One file under the `parts` of its path from the folder or zip that was named.

    `sha256` is empty where its bytes were not read; a `bundle` is a zip of `tfexam export`.
    """

    parts: Parts
    path: Path
    sha256: str = ""
    fault: Fault | None = None
    is_bundle: bool = False


OnFile = Callable[[int], None]


class Collection:
    """Everything found in folders and zips; models beyond `largest` bytes are not read.

    The folder `out`, where results are kept, is left out if it lies in one of them.
    """

    def __init__(
        self,
        unpacked: Unpacked,
        largest: int,
        on_file: OnFile = lambda _: None,
        *,
        out: Path | None = None,
    ) -> None:
        self._unpacked, self._largest, self._on_file = unpacked, largest, on_file
        self._out = out.resolve() if out else None
        self.files: list[Collected] = []
        # The people of each folder of a Gradescope export.
        self.submitters: dict[Parts, tuple[Person, ...]] = {}

    def add(self, path: Path, label: str) -> None:
        """Collect what the folder, zip or file `path` holds, under `label`.

        Raises `ClassError` if it cannot be read at all.
        """
        try:
            if path.is_dir():
                self._folder(path, (label,))
            else:
                with path.open("rb"):
                    pass
                self._named_file(path, label)
        except OSError as error:
            place = Path(error.filename or path)
            raise ClassError(
                phrase("{path} cannot be read: {error}.", path=place, error=said(error)),
                fix=what_to_do(error),
            ) from error

    def _named_file(self, path: Path, label: str) -> None:
        if not _matters(path.name):
            raise ClassError(
                phrase("{path} is no folder, no zip and no model file.", path=path),
                fix=phrase("Name the folders and zips that hold what was handed in."),
            )
        self._file(path, (label,))

    def _folder(self, folder: Path, parts: Parts) -> None:
        for entry in sorted(os.scandir(folder), key=lambda each: each.name):
            if not is_noise((entry.name,)):
                self._try_entry(entry, (*parts, entry.name))

    def _try_entry(self, entry: "os.DirEntry[str]", parts: Parts) -> None:
        """One folder that cannot be read takes nothing from the others."""
        try:
            self._entry(entry, parts)
        except OSError as error:
            says = Message("It cannot be read: {why}.", {"why": str(said(error))})
            self._found(parts, Path(entry.path), fault=Fault("unreadable", says))

    def _entry(self, entry: "os.DirEntry[str]", parts: Parts) -> None:
        path = Path(entry.path)
        if entry.is_symlink():
            self._link(path, parts)
        elif entry.is_dir() and not is_model_folder(entry.name):
            if path.resolve() != self._out:
                self._folder(path, parts)
        else:
            self._file(path, parts)

    def _link(self, path: Path, parts: Parts) -> None:
        if path.is_dir():
            says = Message("It is a link to a folder, and links are not followed. Copy the folder.")
            self._found(parts, path, fault=Fault("link", says))
        elif _matters(path.name):
            says = Message("It is a link to another place, not a file.")
            self._found(parts, path, fault=Fault("link", says))

    def _file(self, path: Path, parts: Parts) -> None:
        name = parts[-1].lower()
        if name == METADATA:
            content = read_small(path, gradescope_export.LARGEST)
            self._read_metadata(content, parts)
        elif name.endswith(ZIP_SUFFIX):
            self._zip(path, parts, 1)
        elif name.endswith(PACKED_SUFFIXES):
            self._found(parts, path, fault=_not_a_zip())
        elif is_model(name):
            self._found(parts, path, self._hash(path))

    def _hash(self, path: Path) -> str:
        """The SHA-256 of a file; empty for one that grading will refuse unread."""
        try:
            is_small = path.is_file() and path.stat().st_size <= self._largest
            return sha256_of(path) if is_small else ""
        except OSError:
            return ""  # grading says why

    def _found(
        self, parts: Parts, path: Path, sha256: str = "", fault: Fault | None = None
    ) -> None:
        self.files.append(Collected(parts, path, sha256, fault))
        self._on_file(len(self.files))

    def _zip(self, path: Path, parts: Parts, depth: int) -> None:
        try:
            with opened_zip(path) as archive:
                members = members_of(archive)
                if {(MANIFEST,), (RECORD,)} <= {each.parts for each in members}:
                    self._bundle(path, parts)
                    return
                quota = _Quota(ALWAYS + MOST_TIMES * path.stat().st_size)
                for each in filter(_is_wanted, members):
                    self._member(archive, each, (*parts, *each.parts), quota, depth)
        except (*UNREADABLE, OSError) as error:
            self._found(parts, path, fault=unreadable(error))

    def _bundle(self, path: Path, parts: Parts) -> None:
        """A bundle lies in a file that may be only lent, so it is kept."""
        with path.open("rb") as source:
            sha256, place = self._unpacked.keep(source, ZIP_SUFFIX, LARGEST_ZIP)
        self.files.append(Collected(parts, place, sha256, is_bundle=True))
        self._on_file(len(self.files))

    def _member(
        self,
        archive: zipfile.ZipFile,
        member: ZipMember,
        parts: Parts,
        quota: "_Quota",
        depth: int,
    ) -> None:
        place = Path(*parts)
        if member.fault is not None:
            self._found(parts, place, fault=member.fault)
            return
        try:
            with archive.open(member.info) as source:
                self._unpack(source, parts, quota, depth)
        except TooLargeError:
            self._found(parts, place, fault=_too_large())
        except (*UNREADABLE, OSError) as error:
            self._found(parts, place, fault=damaged_member(error))

    def _unpack(self, source: IO[bytes], parts: Parts, quota: "_Quota", depth: int) -> None:
        name = parts[-1].lower()
        if name == METADATA:
            self._read_metadata(source.read(gradescope_export.LARGEST), parts)
        elif name.endswith(PACKED_SUFFIXES):
            self._found(parts, Path(*parts), fault=_not_a_zip())
        elif name.endswith(ZIP_SUFFIX):
            self._nested(source, parts, quota, depth)
        else:
            most = min(self._largest, quota.left)
            suffix = Path(name).suffix
            sha256, place = self._unpacked.keep(source, suffix, most)
            quota.left -= place.stat().st_size
            self._found(parts, place, sha256)

    def _nested(self, source: IO[bytes], parts: Parts, quota: "_Quota", depth: int) -> None:
        if depth >= MOST_NESTED:
            says = Message("It is a zip in a zip in a zip: deeper ones are not read.")
            self._found(parts, Path(*parts), fault=Fault("nested_zip", says))
            return
        with self._unpacked.lent(source, quota.left) as path:
            quota.left -= path.stat().st_size
            self._zip(path, parts, depth + 1)

    def _read_metadata(self, content: bytes, parts: Parts) -> None:
        try:
            found = gradescope_export.submitters(content)
        except gradescope_export.DamagedMetadataError as error:
            says = Message("Its line {line} cannot be read as YAML.", {"line": error.line})
            self._found(parts, Path(*parts), fault=Fault("damaged_metadata", says))
            return
        for folder, people in found.items():
            self.submitters[(*parts[:-1], folder)] = people


class _Quota:
    """How many bytes one zip may still unpack to."""

    def __init__(self, left: int) -> None:
        self.left = left


def _is_wanted(member: ZipMember) -> bool:
    if not _matters(member.parts[-1]):
        return False
    return member.fault is not None or not is_noise(member.parts)


def _matters(name: str) -> bool:
    lower = name.lower()
    return is_model(lower) or lower.endswith((ZIP_SUFFIX, *PACKED_SUFFIXES)) or lower == METADATA


def _not_a_zip() -> Fault:
    says = Message("It is packed, but not as a zip: only zips are read. Unpack it into a folder.")
    return Fault("packed_otherwise", says)


def _too_large() -> Fault:
    says = Message(
        "It unpacks to more than its task allows, or its zip to far more than its own size."
    )
    return Fault("too_large", says)


def labelled(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Each path with the label that its files get: its name, or all of it where names repeat."""
    names = [each.resolve().name or str(each) for each in paths]
    for path, name in zip(paths, names, strict=True):
        yield path, name if names.count(name) == 1 else str(path)
