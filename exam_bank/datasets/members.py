"""Recognises an archive by its members: the same pictures packed again are the same data.

The digest of an archive under an expression is the SHA-256 of sorted lines, `<SHA-256 of
the content>  <key>`, one for each member that the expression matches. The key is the
matched end of the member's path, which starts at the beginning or after a slash. So the
order and compression of members do not matter, nor the folder above them, nor other
members.

Archives come from strangers. One that is damaged, encrypted or demands too much is simply
not a data set: it has no digest, raises nothing and takes little memory.
"""

import hashlib
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from exam_bank.datasets.archives import ArchiveEntry, tar_entries, zip_entries
from exam_bank.datasets.compression import MOST_MEMBERS, form_of
from exam_bank.datasets.content import LARGEST
from exam_bank.safe_files import CHUNK

_BROKEN = (
    OSError,  # gzip.BadGzipFile, too
    EOFError,
    ArithmeticError,
    LookupError,
    RuntimeError,  # an encrypted zip, endless headers
    ValueError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


class _Refused(ValueError):
    """An archive that cannot be one of our data sets."""


def key(expression: str, path: str) -> str:
    """The key of the member at `path` under `expression`; empty if that does not match."""
    found = None if _is_junk(path) else _anchored(expression).search(path)
    return found[0] if found else ""


def digests(path: Path, expressions: Iterable[str]) -> dict[str, str]:
    """The digest of the archive at `path` under each of the `expressions`.

    A digest is empty if its expression matches no member, or two with the same key. All are
    empty if the file is not an archive.
    """
    lists = [_MatchedMembers(each) for each in expressions]
    try:
        _fill(lists, path)
    except _BROKEN:
        return dict.fromkeys((each.expression for each in lists), "")
    return {each.expression: each.digest() for each in lists}


def _fill(lists: Sequence["_MatchedMembers"], path: Path) -> None:
    """Hash each member of the archive at `path` that any of the `lists` wants, only once."""
    left = LARGEST
    for count, member in enumerate(_members(path)):
        wanted = [each for each in lists if each.wants(member)]
        left -= member.size if wanted else 0
        if count >= MOST_MEMBERS or left < 0:
            raise _Refused
        content = _sha256(member) if wanted else ""
        for each in wanted:
            each.take(content, member)


class _MatchedMembers:
    """The members that one expression matches."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self._hashes: dict[str, str] = {}
        self._sound = True

    def wants(self, member: ArchiveEntry) -> bool:
        """Whether the content of `member` counts; nothing does any more after a doubtful one."""
        found = key(self.expression, member.name)
        # A line break in a key could pass for a second line.
        if found and (found in self._hashes or not member.is_plain or not found.isprintable()):
            self._sound = False
        return bool(found) and self._sound

    def take(self, content: str, member: ArchiveEntry) -> None:
        self._hashes[key(self.expression, member.name)] = content

    def digest(self) -> str:
        if not (self._hashes and self._sound):
            return ""
        lines = sorted(f"{content}  {name}\n" for name, content in self._hashes.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _anchored(expression: str) -> re.Pattern[str]:
    return re.compile(rf"(?:\A|(?<=/))(?:{expression})\Z")


def _sha256(member: ArchiveEntry) -> str:
    found, left = hashlib.sha256(), member.size
    with member.open() as file:
        while chunk := file.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise _Refused
            found.update(chunk)
    if left:
        raise _Refused
    return found.hexdigest()


def _members(path: Path) -> Iterator[ArchiveEntry]:
    form = form_of(path)
    entries = zip_entries(path) if form == "zip" else tar_entries(path) if form else ()
    return (each for each in entries if not each.is_folder)


def _is_junk(path: str) -> bool:
    # The same as in `real/names.py`. That file is part of every paper's code, so it cannot
    # move; and `real` imports data sets, so it cannot be imported here.
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(path).parts)
