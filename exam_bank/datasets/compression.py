"""Finds out how a file is packed, and whether a zip is safe to open.

The first bytes decide, because files come under any name. `zipfile` trusts what a zip says
about itself, and we open files on a person's disk unasked, so a zip that would fill the
memory is refused first.
"""

import contextlib
import io
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

Form = Literal["", "gzip", "tar", "zip"]

# More than any of our archives holds; IMDB's 100,000 reviews and their folders must pass.
MOST_MEMBERS = 200_000
_GZIP, _ZIP, _TAR = b"\x1f\x8b", b"PK\x03\x04", b"ustar"
_TAR_AT = 257
_ENTRY, _END, _LOCATOR, _END_64 = b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_END_LENGTH, _SIZE_AT = 22, 12
_LOCATOR_LENGTH, _PLACE_AT = 20, 8
_END_64_LENGTH, _SIZE_64_AT = 56, 40
_LONGEST_COMMENT = 1 << 16
_LARGEST_LIST = 32 << 20
# Other compressions unpack to any length in one go.
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCKED = 0x1


class TooLong(zipfile.BadZipFile):
    """A zip lists more members than any data set has."""


def form_of(path: Path) -> Form:
    """How the file at `path` is packed, judging by its first bytes; raises `OSError`."""
    with path.open("rb") as file:
        begins = file.read(_TAR_AT + len(_TAR))
    if begins.startswith(_ZIP):
        return "zip"
    if begins.startswith(_GZIP):
        return "gzip"
    return "tar" if begins[_TAR_AT:] == _TAR else ""


@contextlib.contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip at `path`; raises `zipfile.BadZipFile`, also if its list of members is huge."""
    with path.open("rb") as file:
        _need_short_list(file)
        with zipfile.ZipFile(file) as archive:
            yield archive


def is_plain(member: zipfile.ZipInfo) -> bool:
    """Whether a member of a zip is an unencrypted file that we can read in chunks."""
    return (
        stat.S_IFMT(member.external_attr >> 16) in (0, stat.S_IFREG)
        and member.compress_type in _PACKINGS
        and not member.flag_bits & _LOCKED
    )


def _need_short_list(file: IO[bytes]) -> None:
    """Refuse a zip with more members, or longer entries for them, than any of ours.

    `zipfile` reads the whole list at once, trusting the length in the zip's last record.
    Everything that could pass for that record counts.
    """
    length = file.seek(0, io.SEEK_END)
    near = max(0, length - _LONGEST_COMMENT - _END_LENGTH - _LOCATOR_LENGTH - _END_64_LENGTH)
    file.seek(near)
    tail = file.read()
    if any(size > _LARGEST_LIST for size in _list_sizes(tail, near)):
        raise TooLong("its list of members is too long")
    file.seek(max(0, near - _LARGEST_LIST))
    if file.read().count(_ENTRY) > MOST_MEMBERS:
        raise TooLong("it has too many members")


def _list_sizes(tail: bytes, near: int) -> Iterator[int]:
    """The length of the list in each possible last record; `tail` begins at the byte `near`.

    A very large zip has a zip64 record just before its locator, which is just before the
    last record. Versions of `zipfile` differ in where else they look for it.
    """
    for found in re.finditer(re.escape(_END), tail):
        at = found.start()
        locator = tail[max(0, at - _LOCATOR_LENGTH) : at]
        if not locator.startswith(_LOCATOR):
            yield int.from_bytes(tail[at + _SIZE_AT : at + _SIZE_AT + 4], "little")
            continue
        begin = at - _LOCATOR_LENGTH - _END_64_LENGTH
        record = tail[max(0, begin) : at]
        said = int.from_bytes(locator[_PLACE_AT : _PLACE_AT + 8], "little")
        if not record.startswith(_END_64) or said != near + begin:
            raise zipfile.BadZipFile("its last records do not fit together")
        yield int.from_bytes(record[_SIZE_64_AT : _SIZE_64_AT + 8], "little")
