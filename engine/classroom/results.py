"""The folder of a class's results: what the run is, who is in it, and one row for every file.

    class.json         what the run was made with, and the people of the class
    results.jsonl      a row for every file, on disk (fsync) as soon as it is graded
    superseded.jsonl   earlier rows of files that have changed or are gone
    grades.csv         a row for every person, once all is graded
    unpacked/          what came from zips

A run that is killed loses only what was being graded: the next one reads the rows and goes on.
A torn last line is dropped; damage anywhere else is an error that names the line.
"""

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from engine.classroom.people import Roster
from engine.classroom.rows import Row
from engine.classroom.run_record import RunRecord, differences
from engine.errors import ClassError
from engine.files import said, what_to_do, write_atomically
from exam_bank.phrase import joined, phrase
from exam_bank.platform import disk
from exam_bank.printable import ascii_escaped
from exam_bank.safe_files import LARGEST_KEPT, UNDECODABLE, read_small

RECORD, ROWS, SUPERSEDED = "class.json", "results.jsonl", "superseded.jsonl"
FIRST_SET = "first-set"
"""The folder, in that of the results, of the scores on the set that candidates saw."""
_LARGEST_ROWS = 4 << 30

_rows: msgspec.json.Decoder[Row] = msgspec.json.Decoder(Row)


class ClassRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of `class.json`."""

    run: RunRecord
    roster: Roster


class ClassResults(NamedTuple):
    """All that a folder of results holds, for whoever makes something of it."""

    run: RunRecord
    roster: Roster
    rows: tuple[Row, ...]


def read_results(out: Path) -> ClassResults:
    """What the folder `out` holds, also of a run that has not ended; raises `ClassError`."""
    record = _record(out)
    if record is None:
        raise ClassError(
            phrase("{folder} holds no results of a class.", folder=out),
            fix=phrase("`tfexam class grade` makes them."),
        )
    return ClassResults(record.run, record.roster, tuple(_read_rows(out / ROWS)[0]))


class ResultsFolder:
    """The results of one class, open for writing by this process only."""

    def __init__(self, out: Path, rows: Sequence[Row], earlier: Sequence[Row], length: int) -> None:
        """Use `open`."""
        self.out = out
        self.rows = {each.key: each for each in rows}
        self.earlier = tuple(earlier)
        self._length = length
        self._descriptor = disk.open_to_append(out / ROWS)
        disk.sync_folder(out)  # fsync(2) of a file does not flush its name
        self._lock: _Lock | None = None
        self._run: RunRecord

    @classmethod
    def open(cls, out: Path, run: RunRecord) -> Self:
        """Take the folder `out`, which is made if need be, for `run`.

        `rows` are the latest of each file, `earlier` all others. Raises `ClassError` if another
        run is at work there, or one that was made with something else has left results.
        """
        try:
            out.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = _Lock.take(out)
        except OSError as error:
            raise _unwritable(out, error) from error
        try:
            return cls._opened(out, run, lock)
        except OSError as error:
            lock.release()
            raise _unwritable(out, error) from error
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _opened(cls, out: Path, run: RunRecord, lock: "_Lock") -> Self:
        was = _record(out)
        # An empty one was left by a run that was killed before it could say what it is.
        if was is None and _has_rows(out):
            raise ClassError(
                phrase(
                    "{folder} holds results.jsonl, but not the class.json that says what it "
                    "was graded with.",
                    folder=out,
                ),
                fix=phrase("Use another folder for --out."),
            )
        if was is not None and (_has_rows(out) or (out / SUPERSEDED).exists()):
            _need_same(out, was.run, run)
        rows, length = _read_rows(out / ROWS)
        earlier, _ = _read_rows(out / SUPERSEDED)
        opened = cls(out, rows, [*earlier, *rows], length)
        opened._lock, opened._run = lock, run
        opened._cut_back()
        opened.keep_roster(was.roster if was else Roster())
        return opened

    @property
    def run(self) -> RunRecord:
        """What the rows are made with."""
        return self._run

    def keep_roster(self, roster: Roster) -> None:
        """Put down who is in the class; raises `ClassError` when it cannot be written."""
        record = ClassRecord(run=self._run, roster=roster)
        write_table(self.out, RECORD, _encoded(record).decode() + "\n")

    def append(self, rows: Iterable[Row]) -> None:
        """Put `rows` on disk; raises `ClassError` when they cannot be written.

        Then the file is as it was.
        """
        rows = list(rows)
        lines = b"".join(_encoded(each) + b"\n" for each in rows)
        try:
            self._cut_back()
            rest = memoryview(lines)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            disk.flush(self._descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._cut_back()
            raise _unwritable(self.out / ROWS, error) from error
        self._length += len(lines)
        self.rows |= {each.key: each for each in rows}

    def finish(self, keys: Sequence[tuple[str, str, str]]) -> list[Row]:
        """Leave exactly the rows of `keys`, in that order; the others go to superseded.jsonl.

        Raises `ClassError` when that cannot be written; then nothing is lost.
        """
        rows = [self.rows[each] for each in keys]
        try:
            written = _read_rows(self.out / ROWS)[0]
            if written == rows:
                return rows
            kept = set(map(_encoded, rows))
            gone = [each for each in written if each.file and _encoded(each) not in kept]
            if gone:
                lines = [*_read_rows(self.out / SUPERSEDED)[0], *gone]
                distinct = dict.fromkeys(map(_encoded, lines))
                write_atomically(self.out / SUPERSEDED, _lines(distinct))
            write_atomically(self.out / ROWS, _lines(map(_encoded, rows)))
        except OSError as error:
            raise _unwritable(self.out / ROWS, error) from error
        return rows

    def close(self) -> None:
        """Close the file and release the lock; safe to call twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._lock is not None:
            self._lock.release()

    def _cut_back(self) -> None:
        """Remove what a crash or a failed write left after the last complete line."""
        if os.fstat(self._descriptor).st_size != self._length:
            os.ftruncate(self._descriptor, self._length)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def write_table(out: Path, name: str, text: str) -> None:
    """Write the file `name` of results, all of it or nothing; raises `ClassError`."""
    try:
        write_atomically(out / name, text.encode())
    except OSError as error:
        raise _unwritable(out / name, error) from error


class _Lock:
    """The system's lock on a folder of results; it goes with the process that holds it."""

    def __init__(self, out: Path) -> None:
        from filelock import FileLock

        self._file = FileLock(out / ".lock", thread_local=False)

    @classmethod
    def take(cls, out: Path) -> Self:
        """Take it without waiting; raises `ClassError` when another run holds it."""
        from filelock import Timeout

        lock = cls(out)
        try:
            lock._file.acquire(timeout=0)
        except Timeout as error:
            raise ClassError(
                phrase("Another run is writing into {folder}.", folder=out),
                fix=phrase("Wait for it, or stop it: nothing is lost."),
            ) from error
        return lock

    def release(self) -> None:
        """Let others have it; safe to call twice."""
        self._file.release()


def _record(out: Path) -> ClassRecord | None:
    path = out / RECORD
    try:
        return msgspec.json.decode(read_small(path, LARGEST_KEPT), type=ClassRecord)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ClassError(
            phrase("{path} cannot be read: {error}.", path=path, error=said(error)),
            fix=what_to_do(error),
        ) from error
    except UNDECODABLE as error:
        raise ClassError(
            phrase("{path} is damaged, or of a newer tfexam.", path=path),
            fix=phrase("Use another folder for --out."),
        ) from error


def _has_rows(out: Path) -> bool:
    path = out / ROWS
    return path.exists() and path.stat().st_size > 0


def _need_same(out: Path, was: RunRecord, now: RunRecord) -> None:
    found = list(differences(was, now))
    if found:
        raise ClassError(
            phrase(
                "{folder} holds the results of another run: {what}.",
                folder=out,
                what=joined("; ", found),
            ),
            fix=phrase(
                "Use another folder for --out, or the same options and the same tfexam as before."
            ),
        )


def _read_rows(path: Path) -> tuple[list[Row], int]:
    """The rows in `path`, and the length of its whole lines; a missing file has none."""
    try:
        content = read_small(path, _LARGEST_ROWS)
    except FileNotFoundError:
        return [], 0
    whole = content.rfind(b"\n") + 1
    lines = content[:whole].splitlines()
    if lines and b"\0" in lines[-1]:  # after a power cut the length may be there, the data not
        whole -= len(lines.pop()) + 1
    return [_decoded(each, path, n) for n, each in enumerate(lines, start=1)], whole


def _decoded(line: bytes, path: Path, number: int) -> Row:
    try:
        return _rows.decode(line)
    except UNDECODABLE as error:
        raise ClassError(
            phrase("{path}, line {number} cannot be read.", path=path, number=number),
            fix=phrase("Remove that line: its file is then graded again, and the others are kept."),
        ) from error


def _encoded(value: msgspec.Struct) -> bytes:
    return ascii_escaped(msgspec.json.encode(value).decode()).encode()


def _lines(encoded: Iterable[bytes]) -> bytes:
    return b"".join(each + b"\n" for each in encoded)


def _unwritable(path: Path, error: OSError) -> ClassError:
    return ClassError(
        phrase(
            "{path} cannot be written: {error}. What was graded before is kept.",
            path=path,
            error=said(error),
        ),
        fix=what_to_do(error),
    )
