"""LocalDataset: what a task's `data.py` is given of a public data set.

It holds nothing but paths, so that it travels to the child that makes the data. Which
bytes those files hold was checked by `store`; here it is only seen that nobody changed
them since, because hashing 800 MB again for every paper would be felt.
"""

import gzip
import io
import os
import zlib
from pathlib import Path

import msgspec

from exam_bank.errors import DataError
from exam_bank.phrase import phrase

_GZIP = b"\x1f\x8b"
_LARGEST_PAYLOAD = 2 << 30


# Size, time of the content (ns), time of any change (ns), inode.
Stamp = tuple[int, int, int, int]


def stamp(found: os.stat_result) -> Stamp:
    """What tells whether a file is still the one that was looked at.

    Its size and time can be set by whoever may write it; the time of any change cannot, and
    another file in its place has another inode. The device is left out: its number may be
    another after each start of the machine, and a file of another one has other times.
    """
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


class LocalFile(msgspec.Struct, frozen=True):
    """A file on this machine: `stamp` is what it had when it was verified.

    `text` says that line ends do not matter.
    """

    path: str
    stamp: Stamp
    text: bool = False


class LocalDataset(msgspec.Struct, frozen=True):
    """The files of the data set `id`, by the names that the registry gives them."""

    id: str
    files: dict[str, LocalFile]

    @classmethod
    def unverified(cls, folder: Path) -> "LocalDataset":
        """The files in `folder` as they are, under their own names: for tests with fixtures."""
        return cls(
            folder.name,
            {path.name: _as_found(path) for path in sorted(folder.iterdir()) if path.is_file()},
        )

    def path(self, name: str) -> Path:
        """The file called `name` as it was delivered, maybe packed.

        Raises `DataError` when there is none or it changed since it was verified.
        """
        if name not in self.files:
            known = ", ".join(sorted(self.files))
            raise DataError(
                phrase(
                    "The data set {dataset} has no file {name}; it has {known}.",
                    dataset=self.id,
                    name=name,
                    known=known,
                )
            )
        file = self.files[name]
        try:
            found = Path(file.path).stat()
        except OSError as error:
            raise DataError(
                phrase("{path} cannot be read: {error}.", path=file.path, error=error.strerror),
                fix=_fetch_again(self.id),
            ) from error
        if stamp(found) != file.stamp:
            raise DataError(
                phrase("{path} changed while it was in use.", path=file.path),
                fix=phrase("`tfexam data verify` looks again."),
            )
        return Path(file.path)

    def payload(self, name: str) -> bytes:
        """The content of `name`: unpacked when it is gzip, a text with plain newlines.

        The same bytes whichever copy of the file is here. Raises `DataError` as `path` does.
        """
        path = self.path(name)
        try:
            content = _unpacked(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(
                phrase("{path} cannot be read: {error}.", path=path, error=error),
                fix=_fetch_again(self.id),
            ) from error
        return content.replace(b"\r\n", b"\n") if self.files[name].text else content


def _as_found(path: Path) -> LocalFile:
    return LocalFile(str(path), stamp(path.stat()))


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        unpacked = file.read(_LARGEST_PAYLOAD + 1)
    if len(unpacked) > _LARGEST_PAYLOAD:
        raise OSError(f"it unpacks to more than {_LARGEST_PAYLOAD >> 30} GB")
    return unpacked


def _fetch_again(dataset: str) -> str:
    return phrase("Fetch it again: tfexam data fetch {dataset}", dataset=dataset)
