"""Reads members of zip and tar archives, never unpacking them to names of their own.

Archives come from strangers: one whose entries lead outside, are links or special files,
or unpack to more than any data set needs is refused as a whole.
"""

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
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
    """One file of an archive; `content` can be read until the next member is asked for."""

    name: str
    size: int
    content: IO[bytes]


def is_archive(path: Path) -> bool:
    """Whether `path` is a zip or tar, packed or not."""
    return zipfile.is_zipfile(path) or is_tar(path)


def members(path: Path) -> Iterator[ArchiveMember]:
    """The files in the archive at `path`, in its order.

    Raises `DataError` for an archive that is broken or asks for what no data set does.
    """
    try:
        yield from _bounded(path, _zipped(path) if zipfile.is_zipfile(path) else _tarred(path))
    except TooLong as error:
        raise _refused(path, _too_many()) from error
    except TooMuch as error:
        why = phrase("its headers or its packing ask for more than any data set does")
        raise _refused(path, why) from error
    except _BROKEN as error:
        raise DataError(
            phrase("{path} is damaged: {error}.", path=path, error=error),
            fix=phrase("Fetch it again."),
        ) from error


def _bounded(path: Path, members: Iterator[ArchiveMember]) -> Iterator[ArchiveMember]:
    total = 0
    for count, member in enumerate(members):
        total += member.size
        if total > LARGEST:
            raise _refused(path, phrase("it unpacks to more than {size} GB", size=LARGEST >> 30))
        if count >= MOST_MEMBERS:
            raise _refused(path, _too_many())
        yield member


def copy_member(archive: Path, name: str, target: Path) -> None:
    """Write the member called `name` to the file `target`; raises `DataError` as `members` does."""
    for member in members(archive):
        if member.name == name:
            copy_content(member, target)
            return
    raise DataError(phrase("{archive} has no member {name}.", archive=archive, name=name))


def copy_content(member: ArchiveMember, target: Path) -> None:
    """Write `member` to the file `target`; raises `DataError` when it is damaged."""
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


def _zipped(path: Path) -> Iterator[ArchiveMember]:
    with opened_zip(path) as archive:
        for each in archive.infolist():
            _need_plain_name(path, each.filename)
            kind = stat.S_IFMT(each.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _refused(
                    path, phrase("{name} is a link or a special file", name=each.filename)
                )
            if not each.is_dir():
                if not is_plain(each):
                    raise _refused(path, _not_plain(each.filename))
                with archive.open(each) as content:
                    yield ArchiveMember(each.filename, each.file_size, content)


def _tarred(path: Path) -> Iterator[ArchiveMember]:
    with opened_tar(path) as entries:
        for archive, each in entries:
            _need_plain_name(path, each.name)
            if not (each.isfile() or each.isdir()):
                raise _refused(path, phrase("{name} is a link or a special file", name=each.name))
            content = archive.extractfile(each)
            if content is not None:
                yield ArchiveMember(each.name, each.size, content)


def _need_plain_name(path: Path, name: str) -> None:
    windows = PureWindowsPath(name)
    if windows.drive or windows.root or PurePosixPath(name).is_absolute() or ".." in windows.parts:
        raise _refused(path, phrase("its entry {name} leads outside", name=repr(name)))


def _too_many() -> Phrase:
    return phrase("it has more than {n} members", n=MOST_MEMBERS)


def _not_plain(name: str) -> Phrase:
    return phrase("{name} is locked, or packed in a way that no data set is", name=name)


def _refused(path: Path, why: str) -> DataError:
    return DataError(
        phrase("{path} is refused: {why}.", path=path, why=why),
        fix=phrase("Take the file from its own source."),
    )
