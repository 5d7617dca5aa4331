"""Reads tars that come from strangers: packed or not, never more of one than was asked for.

`tarfile` believes what a tar says of itself. It reads the headers before a member as a whole,
however long they are and however many, so a few kilobytes of bzip2 could fill the memory;
and it keeps every member it has seen.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from exam_bank.datasets.content import LARGEST
from exam_bank.safe_files import CHUNK

# What a tar may say of one member before its content begins.
LARGEST_HEADER = 1 << 20
# No data packs better than deflate can: what does is made to be large.
_MOST_PACKED, _SPARE = 1032, 64 << 20
# The window of an xz is asked for by the file; 64 MB are those of `xz -9`.
_MOST_MEMORY = 128 << 20
_BLOCK = tarfile.BLOCKSIZE


class TooMuch(ValueError):
    """A tar that asks for more than any data set of ours does."""


def is_tar(path: Path) -> bool:
    """Whether the file at `path` is a tar, packed with gzip, bzip2, xz or not at all."""
    try:
        with unpacked(path) as file:
            tarfile.TarInfo.frombuf(file.read(_BLOCK), "utf-8", "surrogateescape")
    except (tarfile.TarError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        return False
    return True


@contextmanager
def opened_tar(path: Path) -> "Iterator[Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]]":
    """The tar at `path`, read once from the beginning to the end: each member in turn.

    Its content may be read until the next one is asked for. Raises `TooMuch`, and whatever
    `tarfile` and the packing raise for what is damaged.
    """
    with unpacked(path) as file:
        yield _entries(_LimitedFile(file, _most_of(path)))


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The content of the file at `path`, unpacked where its first bytes say it is packed."""
    with ExitStack() as open_files:
        file: IO[bytes] = open_files.enter_context(path.open("rb"))
        begins = file.read(6)
        file.seek(0)
        for magic, opened in _PACKINGS.items():
            if begins.startswith(magic):
                file = open_files.enter_context(opened(file))
        yield file


def _entries(limited: "_LimitedFile") -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    with tarfile.open(fileobj=cast(IO[bytes], limited), mode="r:") as archive:
        while (each := archive.next()) is not None:
            # `tarfile` keeps every member and global header to the end.
            vars(archive)["members"] = []
            archive.pax_headers = {}
            limited.limit = each.size
            yield archive, each
            limited.limit = LARGEST_HEADER


def _most_of(path: Path) -> int:
    """The most bytes that the tar in the file at `path` can honestly be."""
    return min(2 * LARGEST, path.stat().st_size * _MOST_PACKED + _SPARE)


class _Xz(io.RawIOBase):
    """The first stream of an xz, unpacked with no more memory than honest ones need."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, into: "memoryview") -> int:  # type: ignore[override]
        """As `RawIOBase` has it; an xz that is cut off raises `EOFError`."""
        while not self._stream.eof:
            packed = self._file.read(io.DEFAULT_BUFFER_SIZE) if self._stream.needs_input else b""
            if self._stream.needs_input and not packed:
                raise EOFError("it is cut off")
            if content := self._stream.decompress(packed, len(into)):
                into[: len(content)] = content
                return len(content)
        return 0


_PACKINGS: dict[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": lambda file: cast(IO[bytes], gzip.GzipFile(fileobj=file)),
    b"BZh": lambda file: cast(IO[bytes], bz2.BZ2File(file)),
    b"\xfd7zXZ\0": lambda file: cast(IO[bytes], io.BufferedReader(_Xz(file))),
}


class _LimitedFile:
    """A file that `tarfile` reads from the beginning to the end, never more than `limit`.

    A header that says it is 4 GB long would be held in memory as a whole. Of the file no
    more than `most` bytes are read, whatever is done with them.
    """

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._most = file, most
        self._at = 0
        self.limit = LARGEST_HEADER

    def read(self, size: int) -> bytes:
        if not 0 <= size <= self.limit:
            raise TooMuch
        self.limit -= size
        return self._next(size)

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or not self._at <= offset <= self._most:
            raise TooMuch
        while self._at < offset and self._next(min(CHUNK, offset - self._at)):
            pass
        return self._at

    def _next(self, size: int) -> bytes:
        if self._at + size > self._most:
            raise TooMuch
        content = self._file.read(size)
        self._at += len(content)
        return content

    def close(self) -> None:
        """Left to whoever opened the file."""
