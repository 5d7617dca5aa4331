"""Reads members of zip and tar archives, and never unpacks to a path that the archive chose.

Archives come from strangers: one is refused as a whole if an entry leads outside it, is a
link or special file, or unpacks to more than any data set needs.
"""

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, NamedTuple

from exam_bank.datasets.compression import MOST_MEMBERS, TooLong, is_plain, opened_zip
from exam_bank.datasets.content import LARGEST
from exam_bank.datasets.tar_headers import TooMuch, is_tar, opened_tar
from exam_bank.errors import DataError
from exam_bank.phrase import Phrase, phrase
from exam_bank.safe_files import CHUNK

_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,  # headers without end
    ValueError,
)


class ArchiveMember(NamedTuple):
    """One file in an archive; read `content` before asking for the next member."""

    name: str
    size: int
    content: IO[bytes]


class ArchiveEntry(NamedTuple):
    """What an archive says about one entry; a `plain` one is a file we can read in chunks.

    Call `open` before asking for the next entry.
    """

    name: str
    size: int
    is_folder: bool
    is_special: bool
    is_plain: bool
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """Whether `path` is a zip or a tar, compressed or not."""
    return zipfile.is_zipfile(path) or is_tar(path)


def members(path: Path) -> Iterator[ArchiveMember]:
    """The files in the archive at `path`, in its order.

    Raises `DataError` for an archive that is broken or demands more than any data set does.
    """
    entries = zip_entries(path) if zipfile.is_zipfile(path) else tar_entries(path)
    total = count = 0
    try:
        for entry in entries:
            _need_harmless(path, entry)
            if not entry.is_folder:
                total, count = total + entry.size, count + 1
                if total > LARGEST:
                    raise _refused(
                        path, phrase("it unpacks to more than {size} GB", size=LARGEST >> 30)
                    )
                if count > MOST_MEMBERS:
                    raise _refused(path, _too_many())
                with entry.open() as content:
                    yield ArchiveMember(entry.name, entry.size, content)
    except TooLong as error:
        raise _refused(path, _too_many()) from error
    except TooMuch as error:
        why = phrase("its headers or compression ask for more than any data set needs")
        raise _refused(path, why) from error
    except _BROKEN as error:
        raise DataError(
            phrase("{path} is damaged: {error}.", path=path, error=error),
            fix=phrase("Fetch it again."),
        ) from error


def copy_member(archive: Path, name: str, target: Path) -> None:
    """Write the member called `name` to the file `target`; raises `DataError` as `members` does."""
    for member in members(archive):
        if member.name == name:
            copy_content(member, target)
            return
    raise DataError(phrase("{archive} has no member {name}.", archive=archive, name=name))


def copy_content(member: ArchiveMember, target: Path) -> None:
    """Write `member` to the file `target`; raises `DataError` if it is damaged."""
    left = member.size
    try:
        with target.open("wb") as file:
            while chunk := member.content.read(min(CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise EOFError("it is longer than it says")
                file.write(chunk)
    except _BROKEN as error:
        raise DataError(
            phrase("{name} is damaged: {error}.", name=member.name, error=error),
            fix=phrase("Fetch it again."),
        ) from error


def zip_entries(path: Path) -> Iterator[ArchiveEntry]:
    """The entries of a zip, in its order; raises what `zipfile` does."""
    with opened_zip(path) as archive:
        for each in archive.infolist():
            kind = stat.S_IFMT(each.external_attr >> 16)
            yield ArchiveEntry(
                each.filename,
                each.file_size,
                is_folder=each.is_dir(),
                is_special=kind not in (0, stat.S_IFREG, stat.S_IFDIR),
                is_plain=is_plain(each),
                open=partial(archive.open, each),
            )


def tar_entries(path: Path) -> Iterator[ArchiveEntry]:
    """The entries of a tar, in its order; raises what `tarfile` and its decompression do."""
    with opened_tar(path) as entries:
        for archive, each in entries:
            yield ArchiveEntry(
                each.name,
                each.size,
                is_folder=each.isdir(),
                is_special=not (each.isreg() or each.isdir()),
                is_plain=each.isreg() and not each.issparse(),
                open=partial(_extracted, archive, each),
            )


def _extracted(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(entry)
    if file is None:
        raise tarfile.ExtractError(f"{entry.name} is no file")
    return file


def _need_harmless(path: Path, entry: ArchiveEntry) -> None:
    _need_plain_name(path, entry.name)
    if entry.is_special:
        raise _refused(path, phrase("{name} is a link or a special file", name=entry.name))
    if not (entry.is_folder or entry.is_plain):
        raise _refused(path, _not_plain(entry.name))


def _need_plain_name(path: Path, name: str) -> None:
    windows = PureWindowsPath(name)
    if windows.drive or windows.root or PurePosixPath(name).is_absolute() or ".." in windows.parts:
        raise _refused(path, phrase("its entry {name} leads outside", name=repr(name)))


def _too_many() -> Phrase:
    return phrase("it has more than {n} members", n=MOST_MEMBERS)


def _not_plain(name: str) -> Phrase:
    return phrase("{name} is encrypted, or compressed in a way that no data set is", name=name)


def _refused(path: Path, why: str) -> DataError:
    return DataError(
        phrase("{path} is refused: {why}.", path=path, why=why),
        fix=phrase("Get the file from its original source."),
    )
