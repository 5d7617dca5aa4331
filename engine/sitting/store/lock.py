"""Lets only one process write to a sitting: two apps on one journal would corrupt it.

The lock is the operating system's, so it disappears with the process that holds it and can
never be left behind. A file beside it names the holder, only for the message.
"""

import contextlib
import os
import socket
from pathlib import Path
from typing import Self

import msgspec

from engine.clock import Clock
from engine.errors import JournalError, SittingLockedError
from engine.files import said, write_atomically
from exam_bank.phrase import phrase
from exam_bank.safe_files import UNDECODABLE, read_small


class Owner(msgspec.Struct, frozen=True):
    """Who has a sitting open: process, machine, and since when (local time)."""

    pid: int
    host: str
    since: str


class SittingLock:
    """The lock of one sitting's folder, held until `release`."""

    def __init__(self, folder: Path) -> None:
        """Use `take`."""
        # Listing sittings reads journals but locks none, so it can do without this import.
        from filelock import FileLock

        # Not thread-local: a thread other than the one that opened a sitting may close it.
        self._file = FileLock(folder / "lock", thread_local=False)
        self._owner = _owner_file(folder)

    @classmethod
    def take(cls, folder: Path, clock: Clock) -> Self:
        """Take the lock of `folder` without waiting.

        Raises `SittingLockedError` when another process holds it, and `JournalError` when the
        folder cannot be written or locked.
        """
        from filelock import Timeout

        lock = cls(folder)
        try:
            lock._file.acquire(timeout=0)
        except Timeout as error:
            raise _locked(folder) from error
        except (OSError, NotImplementedError) as error:
            why = said(error) if isinstance(error, OSError) else str(error)
            raise JournalError(
                phrase(
                    "{folder} cannot be locked: {why}. Nothing that was recorded is lost.",
                    folder=folder,
                    why=why,
                ),
                fix=phrase("Make the folder writable, or put TFEXAM_HOME on a local disk."),
            ) from error
        lock._sign(clock)
        return lock

    def release(self) -> None:
        """Release the lock; safe to call twice."""
        if self._file.is_locked:
            with contextlib.suppress(OSError):  # the disk may have become read-only, or be gone
                self._owner.unlink()
            self._file.release()

    def _sign(self, clock: Clock) -> None:
        since = clock.now().local().strftime("%Y-%m-%d %H:%M:%S")
        owner = Owner(pid=os.getpid(), host=socket.gethostname(), since=since)
        # Without it, another process's message merely says less.
        with contextlib.suppress(OSError):
            write_atomically(self._owner, msgspec.json.encode(owner))


def owner_of(folder: Path) -> Owner | None:
    """Who signed the lock of `folder`, or None if nobody did."""
    try:
        return msgspec.json.decode(read_small(_owner_file(folder)), type=Owner)
    except (OSError, *UNDECODABLE):
        return None


def _owner_file(folder: Path) -> Path:
    return folder / "lock.json"


def _locked(folder: Path) -> SittingLockedError:
    owner = owner_of(folder)
    if owner is None:
        return SittingLockedError(
            phrase("The sitting {name} is open in another tfexam.", name=folder.name),
            fix=phrase("Continue there, or close it."),
        )
    return SittingLockedError(
        phrase(
            "The sitting {name} is open in another tfexam: process {pid} on {host}, since {since}.",
            name=folder.name,
            pid=owner.pid,
            host=owner.host,
            since=owner.since,
        ),
        fix=phrase("Continue there, or end it and try again: nothing is lost."),
    )
