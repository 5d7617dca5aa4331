"""Where files from zips are unpacked to: one folder, each file under its SHA-256.

A file that is there already is not written again, so a run that goes on costs no second copy,
and equal files of two people lie there once.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from engine.errors import ClassError
from engine.files import said, what_to_do
from exam_bank.phrase import phrase
from exam_bank.platform import disk
from exam_bank.safe_files import CHUNK


class TooLargeError(Exception):  # never leaves the room, so not in the error tree
    """There are more bytes than may be unpacked."""


class Unpacked:
    """The folder of unpacked files; it is made when the first one comes.

    Raises `ClassError` when it cannot be written: that is no fault of any file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, source: IO[bytes], suffix: str, most: int) -> tuple[str, Path]:
        """Keep what `source` holds, at most `most` bytes; returns its SHA-256 and its place.

        Raises `TooLargeError`, and what `source` raises; then nothing is kept.
        """
        with self._copy(source, most) as (fresh, digest):
            place = self._folder / f"{digest}{suffix}"
            with self._writing():
                if not place.is_file():
                    disk.replace(fresh, place)
            return digest, place

    @contextmanager
    def lent(self, source: IO[bytes], most: int) -> Iterator[Path]:
        """A file with what `source` holds, for as long as the context lasts; raises as `keep`."""
        with self._copy(source, most) as (fresh, _):
            yield fresh

    @contextmanager
    def _copy(self, source: IO[bytes], most: int) -> Iterator[tuple[Path, str]]:
        """A copy of `source` that goes again, and its SHA-256."""
        with self._writing():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=self._folder)
        try:
            digest = hashlib.sha256()
            with os.fdopen(handle, "wb") as copy:
                for chunk in _chunks(source, most):
                    digest.update(chunk)
                    with self._writing():
                        copy.write(chunk)
                        copy.flush()
            yield Path(name), digest.hexdigest()
        finally:
            Path(name).unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ClassError(
                phrase("{path} cannot be written: {error}.", path=self._folder, error=said(error)),
                fix=what_to_do(error),
            ) from error

    def sweep(self) -> None:
        """Remove what a run that was killed left half unpacked."""
        with suppress(OSError):
            for each in self._folder.glob(".*.part"):
                each.unlink()


def _chunks(source: IO[bytes], most: int) -> Iterator[bytes]:
    left = most
    while chunk := source.read(min(CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise TooLargeError
        yield chunk
