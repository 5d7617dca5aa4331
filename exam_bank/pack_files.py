"""The files of a pack, and one digest over all of them.

A pack consists of its own plain files and nothing else. A link could lead to code that
nobody has looked at, or to texts from elsewhere; opening a FIFO would block.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from exam_bank.errors import TaskFileError
from exam_bank.phrase import phrase
from exam_bank.safe_files import open_regular

MOST_FILES = 10_000
MOST_BYTES = 256 << 20
_CHUNK = 1 << 20
# git writes there all the time, and no task code is ever run from it.
_NOT_OURS = ".git"
# Written by `tfexam bank check` itself.
_PROOF = "PROOF.md"


class _File(NamedTuple):
    """A file in a pack: its path inside the pack, and whether it is executable."""

    name: str
    program: bool


def need_plain(pack: Path) -> None:
    """Raise `TaskFileError` where `pack` holds a link, a special file or too many files."""
    for _ in _entries(pack):
        pass


def digest(pack: Path, copy: Path | None = None) -> str:
    """The SHA-256 of the names and contents of all files in `pack`.

    If `copy` is given, the bytes that were hashed are also written to that new folder, so
    the copy is right even if the pack changes meanwhile. Raises `TaskFileError` as
    `need_plain` does and for a pack that is too large, and `OSError`.
    """
    found, left = hashlib.sha256(), MOST_BYTES
    for file in sorted(_entries(pack)):
        content, size = _hashed(pack, file, copy, left)
        left -= size
        name = os.fsencode(file.name)
        found.update(b"%d:%b%d" % (len(name), name, file.program) + content)
    return found.hexdigest()


def _hashed(pack: Path, file: _File, copy: Path | None, limit: int) -> tuple[bytes, int]:
    """The SHA-256 of a file and its size; also copies it into `copy`, if given."""
    found, size = hashlib.sha256(), 0
    target = Path(os.devnull) if copy is None else copy / file.name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open_regular(pack / file.name) as source, target.open("wb") as written:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise _too_much(pack, phrase("{size} MB", size=MOST_BYTES >> 20))
            found.update(chunk)
            written.write(chunk)
    if copy is not None:
        target.chmod(0o700 if file.program else 0o600)
    return found.digest(), size


def _entries(pack: Path) -> Iterator[_File]:
    """Every file in `pack` that can be part of its code or texts, in no particular order."""
    folders, left = [""], MOST_FILES
    while folders:
        within = folders.pop()
        with os.scandir(pack / within) as entries:
            for entry in entries:
                name = f"{within}/{entry.name}" if within else entry.name
                left -= 1
                if left < 0:
                    raise _too_much(pack, phrase("{n} files", n=MOST_FILES))
                kind = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(kind):
                    folders += [name] * (name != _NOT_OURS)
                elif not stat.S_ISREG(kind):
                    raise _not_plain(Path(entry.path), stat.S_ISLNK(kind))
                elif entry.name != _PROOF:
                    yield _File(name, bool(kind & stat.S_IXUSR))


def _not_plain(path: Path, link: bool) -> TaskFileError:
    if link:
        return TaskFileError(
            phrase("{path} is a link, which a pack must not contain.", path=path),
            fix=phrase("Put the file itself there."),
        )
    return TaskFileError(
        phrase("{path} is not a regular file, which a pack must not contain.", path=path),
        fix=phrase("Remove it from the pack."),
    )


def _too_much(pack: Path, limit: str) -> TaskFileError:
    return TaskFileError(
        phrase("{pack} holds more than {limit}: it is not a task pack.", pack=pack, limit=limit),
        fix=phrase("Put the task folders into a folder of their own."),
    )
