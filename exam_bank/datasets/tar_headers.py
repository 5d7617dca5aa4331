"""Reads tars that come from strangers, compressed or not, in bounded memory.

`tarfile` believes what a tar says about itself. It reads all headers before a member at
once, however long and however many, so a few kilobytes of bzip2 could fill the memory; and
it keeps every member it has seen.
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

# The most header bytes that may precede one member's content.
LARGEST_HEADER = 1 << 20
# Deflate's best ratio: a tar that compresses better was made to blow up.
_MOST_PACKED, _SPARE = 1032, 64 << 20
# An xz file chooses its own window; `xz -9` takes 64 MB.
_MOST_MEMORY = 128 << 20
_BLOCK = tarfile.BLOCKSIZE


class TooMuch(ValueError):
    """A tar demands more than any of our data sets does."""


def is_tar(path: Path) -> bool:
    """Whether the file at `path` is a tar, compressed with gzip, bzip2, xz or not at all."""
    try:
        with unpacked(path) as file:
            tarfile.TarInfo.frombuf(file.read(_BLOCK), "utf-8", "surrogateescape")
    except (tarfile.TarError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        return False
    return True


@contextmanager
def opened_tar(path: Path) -> "Iterator[Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]]":
    """The tar at `path`, read once from beginning to end, one member after the other.

    Read a member's content before asking for the next. Raises `TooMuch`, and whatever
    `tarfile` and the decompression raise for a damaged file.
    """
    with unpacked(path) as file:
        yield _entries(_LimitedFile(file, _most_of(path)))


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The content of the file at `path`, decompressed if its first bytes call for it."""
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
            # `tarfile` would keep every member and global header until the end.
            vars(archive)["members"] = []
            archive.pax_headers = {}
            limited.limit = each.size
            yield archive, each
            limited.limit = LARGEST_HEADER


def _most_of(path: Path) -> int:
    """The longest tar that the file at `path` can honestly contain."""
    return min(2 * LARGEST, path.stat().st_size * _MOST_PACKED + _SPARE)


class _Xz(io.RawIOBase):
    """The first stream of an xz, decompressed with no more memory than honest ones need."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, into: "memoryview") -> int:  # type: ignore[override]
        """As in `RawIOBase`; raises `EOFError` for an xz that is cut off."""
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
    """A file that `tarfile` reads from beginning to end, at most `limit` bytes until it is reset.

    Otherwise a header that claims to be 4 GB long would be read into memory. No more than
    `most` bytes of the file are read in all.
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
        """Do nothing: whoever opened the file closes it."""
