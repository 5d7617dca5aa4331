"""The journal: the append-only record from which a sitting can always be rebuilt.

One event per line, on disk (fsync) before anything acts on it. A crash in the middle of a
write leaves an incomplete last line; nothing acted on that event, so dropping it loses
nothing. Anything else that cannot be read is damage. Guessing there could change a score,
so it raises an error that names the line. So is a journal that ends before what `result.toml`
tells: that is written after the last event. Each line also holds a link of the hash chain
(`chain.py`), which only `tfexam verify` looks at.
"""

import contextlib
import errno
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from engine.clock import Clock
from engine.errors import JournalError, TransitionError
from engine.files import said, what_to_do, write_atomically
from engine.sitting.state import events
from engine.sitting.state.events import Event
from engine.sitting.state.report import FILE_NAME
from engine.sitting.state.sitting import Sitting, SittingRecord, replay
from engine.sitting.store.chain import last_link, linked
from engine.sitting.store.lock import SittingLock
from engine.sitting.store.record import RECORD
from exam_bank.phrase import phrase
from exam_bank.platform import disk
from exam_bank.safe_files import LARGEST_KEPT, UNDECODABLE, read_small

NAME = "journal.jsonl"

_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


class Read(NamedTuple):
    """The contents of a journal: its events, their length in bytes, and the bytes torn off."""

    events: tuple[Event, ...]
    length: int
    torn: int


class Journal:
    """One sitting's journal, open for writing by this process only."""

    def __init__(
        self, path: Path, lock: SittingLock, read: Read, descriptor: int, link: str
    ) -> None:
        """Use `open`."""
        self.path, self._lock, self._descriptor = path, lock, descriptor
        self._length, self._link = read.length, link
        self.events: Sequence[Event] = read.events
        self.torn = read.torn

    @classmethod
    def open(cls, folder: Path, clock: Clock) -> Self:
        """Take the sitting's lock and read its journal, creating it if missing.

        `events` are the events found, `torn` the bytes of a last line cut off by a crash.
        Raises `SittingLockedError` when another process has the sitting open, and
        `JournalError` when the journal is damaged or cannot be opened.
        """
        lock = SittingLock.take(folder, clock)
        try:
            path = folder / NAME
            read = read_journal(path)
            link = _link_after(path, read)
            return cls(path, lock, read, _open_for_appending(path), link)
        except BaseException:
            lock.release()
            raise

    def append(self, event: Event) -> None:
        """Put `event` on disk; it has happened only once this returns.

        Raises `JournalError` when it cannot be written; then the journal is unchanged.
        """
        line, link = linked(_encoder.encode(event), self._link)
        line += b"\n"
        try:
            self._cut_back()
            _write_all(self._descriptor, line)
            disk.flush(self._descriptor)
        except OSError as error:
            # Do not retry the sync: after a failed fsync Linux may have dropped the pages and
            # report success the next time (https://lwn.net/Articles/752063/). The line is
            # removed, and whoever tries again writes a new one.
            self._cut_back_if_possible()
            raise _unwritable(self.path, error) from error
        self._length += len(line)
        self._link = link

    def close(self) -> None:
        """Close the file and release the lock; safe to call twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self._lock.release()

    def _cut_back(self) -> None:
        """Remove what a crash or a failed write left after the last complete line."""
        found = os.fstat(self._descriptor)
        if found.st_nlink == 0:
            # What we write now would be lost with this process.
            self._put_back()
            return
        if found.st_size != self._length:
            os.ftruncate(self._descriptor, self._length)

    def _put_back(self) -> None:
        """Write the journal again after somebody deleted it: the open file is still readable."""
        if self.path.exists():
            raise FileExistsError(errno.EEXIST, "another file took its place while it was open")
        content = disk.read_at(self._descriptor, self._length, 0)
        write_atomically(self.path, content)
        fresh = _open_for_appending(self.path)
        os.close(self._descriptor)
        self._descriptor = fresh

    def _cut_back_if_possible(self) -> None:
        with contextlib.suppress(OSError):  # the next append tries again before it writes
            self._cut_back()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def read_journal(path: Path) -> Read:
    """Read a journal without opening it for writing; a missing one holds no events.

    Raises `JournalError` naming the first unreadable line, or if its end is missing.
    """
    read = read_events(path)
    if ends_too_early(read.events, path.parent):
        raise _cut_off(path)
    return read


def read_events(path: Path) -> Read:
    """The same, whether or not its end is missing."""
    try:
        content = read_small(path, LARGEST_KEPT)
    except FileNotFoundError:
        return Read((), 0, 0)
    except OSError as error:
        raise JournalError(
            phrase("{path} cannot be read: {error}.", path=path, error=said(error)),
            fix=phrase("Check the disk and its permissions."),
        ) from error
    whole = _length_without_torn_line(content)
    lines = content[:whole].splitlines(keepends=True)
    found = tuple(_decode(line, number, path) for number, line in enumerate(lines, start=1))
    return Read(found, whole, len(content) - whole)


def read_whole_lines(content: bytes) -> tuple[Event, ...]:
    """The events of a journal up to the first unreadable line."""
    found: list[Event] = []
    for line in content[: _length_without_torn_line(content)].splitlines(keepends=True):
        try:
            found.append(_decoder.decode(line))
        except UNDECODABLE:
            break
    return tuple(found)


def ends_too_early(found: Iterable[Event], folder: Path) -> bool:
    """Whether the sitting in `folder` has a result that cannot follow from the events `found`.

    The result is written once the sitting has ended and each submission is graded or superseded;
    without those events the sitting would go on, and end with other scores.
    """
    if not (folder / FILE_NAME).exists():
        return False
    is_over, waiting = False, set[int]()
    for each in found:
        match each:
            case events.Submitted():
                waiting.add(each.number)
            case events.GradingEnded() | events.Superseded():
                waiting.discard(each.number)
            case events.Ended():
                is_over = True
            case _:
                pass
    return bool(waiting) or not is_over


def _cut_off(path: Path) -> JournalError:
    return JournalError(
        phrase(
            "Events are missing from {path}: {result} tells of more.",
            path=path,
            result=FILE_NAME,
        ),
        fix=phrase(
            "Restore it from a backup; the scores are in {result}. Without one, `tfexam history "
            "--recover {name}` continues from what is left and keeps both files.",
            result=path.with_name(FILE_NAME),
            name=path.parent.name,
        ),
    )


def _length_without_torn_line(content: bytes) -> int:
    """Bytes up to the end of the last complete line.

    A line is torn if its newline is missing, or if it is the last one and holds zero bytes:
    after a power cut a file system may have the new length without all of the data.
    """
    whole = content.rfind(b"\n") + 1
    if whole == len(content):
        start = content.rfind(b"\n", 0, max(whole - 1, 0)) + 1
        if b"\0" in content[start:]:
            return start
    return whole


def _decode(line: bytes, number: int, path: Path) -> Event:
    try:
        return _decoder.decode(line)
    except UNDECODABLE as error:
        raise JournalError(
            phrase(
                "{path}, line {number} cannot be read: {error}.",
                path=path,
                number=number,
                error=error,
            ),
            fix=phrase(
                "The {whole} lines before it are intact: `tfexam history --recover {name}` "
                "continues from there and keeps a copy of the damaged file.",
                whole=number - 1,
                name=path.parent.name,
            ),
        ) from error


def _link_after(path: Path, read: Read) -> str:
    try:
        return last_link(path, read.length, path.parent / RECORD)
    except OSError as error:
        raise JournalError(
            phrase("{path} cannot be read: {error}.", path=path, error=said(error)),
            fix=phrase("Check the disk and its permissions."),
        ) from error


def _open_for_appending(path: Path) -> int:
    try:
        is_new = not path.exists()
        descriptor = disk.open_to_append(path)
        if is_new:
            # fsync(2) of a file does not flush its name in the folder.
            disk.sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    return descriptor


def _write_all(descriptor: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:  # write(2) may accept less than it was given, as on a nearly full disk
        rest = rest[os.write(descriptor, rest) :]


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        phrase(
            "{path} cannot be written: {error}. Nothing that was recorded is lost.",
            path=path,
            error=said(error),
        ),
        fix=phrase("{advice} tfexam then continues by itself.", advice=what_to_do(error)),
    )


def restored(record: SittingRecord, happened: Iterable[Event], path: Path) -> Sitting:
    """The state that the journal at `path` leads to.

    Raises `JournalError`, naming the line, if it records something that cannot have happened.
    """
    try:
        return replay(record, happened)
    except TransitionError as error:
        raise JournalError(
            phrase(
                "{path}, line {number} records something that cannot have happened: {error}",
                path=path,
                number=error.at_event,
                error=error.message,
            ),
            fix=phrase(
                "It was edited by hand or is damaged: `tfexam history --recover {name}` keeps "
                "the lines before it.",
                name=path.parent.name,
            ),
        ) from error
