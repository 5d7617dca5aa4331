"""Recognises a file by its hashes, in every form in which the same data may be on disk.

As delivered, gzipped or unpacked, or with other line ends: one pass over the file gives
every hash that could identify a registered file.
"""

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from exam_bank.datasets.compression import Form, form_of, is_plain, opened_zip
from exam_bank.datasets.registry import DataFile
from exam_bank.safe_files import CHUNK, chunks_of

LARGEST = 4 << 30
_MOST_MEMBERS = 4
# None of our texts is longer, and a longer file must not be held in memory to be hashed.
_LARGEST_TEXT = 64 << 20


class Content(msgspec.Struct, frozen=True):
    """The hashes of a file.

    `plain`: as it is, and unpacked; `text`: with plain newlines; `members`: those of its
    members, if it is a zip of a few; `by_members`: the digests of its members under the
    expressions that the registry had at the time.
    """

    form: Form
    plain: frozenset[str] = frozenset()
    text: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    by_members: dict[str, str] = {}

    def is_of(self, file: DataFile) -> bool:
        """Whether these are the hashes of `file`."""
        return bool(
            file.hashes & self.plain
            or (file.text and file.hashes & self.text)
            or self.members.intersection(file.member_git_blob_sha1)
            or self._holds_the_same(file)
        )

    def _holds_the_same(self, file: DataFile) -> bool:
        """Whether this is an archive that tasks can read, with the same members."""
        digest = self.by_members.get(file.members) if file.members else None
        return bool(digest) and digest == file.members_sha256 and self.form in file.forms

    @classmethod
    def read(cls, path: Path) -> "Content":
        """Hash the file at `path`; raises `OSError` if it cannot be read or grows meanwhile."""
        size = path.stat().st_size
        plain = set(_hashes(chunks_of(path, size), size))
        form = form_of(path)
        text = _unpacked_into(plain, path) if form == "gzip" else _text_in(path, size)
        members = _members(path) if form == "zip" else ()
        return cls(form, frozenset(plain), frozenset(_text_hashes(text)), frozenset(members))


def _chunks(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _hashes(chunks: Iterator[bytes], size: int) -> tuple[str, str]:
    """A SHA-256, and the SHA-1 by which git would name a blob of this size."""
    sha256, blob = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    for chunk in chunks:
        sha256.update(chunk)
        blob.update(chunk)
    return sha256.hexdigest(), blob.hexdigest()


def _unpacked_into(plain: set[str], path: Path) -> bytes:
    """Add the hash of the gunzipped content to `plain`; returns the content if it is short.

    A file that is not a complete gzip, or unpacks to more than `LARGEST`, adds nothing.
    """
    found, kept, size = hashlib.sha256(), [], 0
    try:
        with gzip.open(path) as file:
            for chunk in _chunks(file):
                size += len(chunk)
                if size > LARGEST:
                    return b""
                found.update(chunk)
                if size <= _LARGEST_TEXT:
                    kept.append(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b""
    plain.add(found.hexdigest())
    return b"".join(kept) if size <= _LARGEST_TEXT else b""


def _text_in(path: Path, size: int) -> bytes:
    return b"".join(chunks_of(path, size)) if size <= _LARGEST_TEXT else b""


def _text_hashes(content: bytes) -> tuple[str, ...]:
    if not content or b"\0" in content[:CHUNK]:
        return ()
    plain = content.replace(b"\r\n", b"\n")
    return _hashes(iter((plain,)), len(plain))


def _members(path: Path) -> Iterator[str]:
    """The names git would give the members of a small zip; none if it is damaged."""
    try:
        with opened_zip(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            if len(members) > _MOST_MEMBERS or sum(each.file_size for each in members) > LARGEST:
                return
            for each in filter(is_plain, members):
                with archive.open(each) as file:
                    yield _hashes(_chunks(file), each.file_size)[1]
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        return
