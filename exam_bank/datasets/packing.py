"""How a file is packed, and whether a zip may be opened at all.

Told by content, as files come under any name. `zipfile` trusts what a zip says of itself;
files on a person's disk are opened unasked, so what would fill the memory is refused first.
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

# More than any archive of ours holds; IMDB's 100,000 reviews and their folders must pass.
MOST_MEMBERS = 200_000
_GZIP, _ZIP, _TAR = b"\x1f\x8b", b"PK\x03\x04", b"ustar"
_TAR_AT = 257
_ENTRY, _END, _LOCATOR = b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x07"
_END_LENGTH, _LOCATOR_LENGTH, _SIZE_AT = 22, 20, 12
_LONGEST_COMMENT = 1 << 16
_LARGEST_LIST = 32 << 20
# What is packed in other ways unpacks to any length at once.
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCKED = 0x1


def form_of(path: Path) -> Form:
    """How the file at `path` is packed, by its first bytes; raises `OSError`."""
    with path.open("rb") as file:
        begins = file.read(_TAR_AT + len(_TAR))
    if begins.startswith(_ZIP):
        return "zip"
    if begins.startswith(_GZIP):
        return "gzip"
    return "tar" if begins[_TAR_AT:] == _TAR else ""


@contextlib.contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip at `path`; raises `zipfile.BadZipFile` also where its list of members is huge."""
    with path.open("rb") as file:
        _need_short_list(file)
        with zipfile.ZipFile(file) as archive:
            yield archive


def is_plain(member: zipfile.ZipInfo) -> bool:
    """Whether a member of a zip is a file, not locked, that can be read in small parts."""
    return (
        stat.S_IFMT(member.external_attr >> 16) in (0, stat.S_IFREG)
        and member.compress_type in _PACKINGS
        and not member.flag_bits & _LOCKED
    )


def _need_short_list(file: IO[bytes]) -> None:
    """Refuse a zip that has more members, or says more of them, than any of ours.

    `zipfile` reads the list as a whole, as long as the zip's last record says it is.
    Whatever may be taken for that record counts; one for more than 4 GB is none of ours.
    """
    length = file.seek(0, io.SEEK_END)
    near = _LONGEST_COMMENT + _END_LENGTH + _LOCATOR_LENGTH
    file.seek(max(0, length - near))
    tail = file.read()
    for found in re.finditer(re.escape(_END), tail):
        at = found.start()
        size = int.from_bytes(tail[at + _SIZE_AT : at + _SIZE_AT + 4], "little")
        before = tail[max(0, at - _LOCATOR_LENGTH) : at]
        if size > _LARGEST_LIST or before.startswith(_LOCATOR):
            raise zipfile.BadZipFile("its list of members is too long")
    file.seek(max(0, length - near - _LARGEST_LIST))
    if file.read().count(_ENTRY) > MOST_MEMBERS:
        raise zipfile.BadZipFile("it has too many members")
