"""Removes what was laid out in vain: nothing else would ever remove its hidden sets.

While a sitting is being laid out, its folder holds a note and is locked. A folder that
still has the note, was never finished, has no journal and is not locked was left over. If
any of these signs is missing, nothing is touched: a folder that merely lost its record may
hold a candidate's work. A finished one goes only when the candidate leaves it before its start.
"""

import contextlib
import shutil
from pathlib import Path

import msgspec

from engine.clock import Clock
from engine.errors import SittingError, TransitionError, WorkspaceError
from engine.files import said, what_to_do, write_atomically
from engine.sitting.store import journal
from engine.sitting.store.lock import SittingLock
from engine.sitting.store.record import RECORD, read_record
from exam_bank.phrase import phrase
from exam_bank.safe_files import UNDECODABLE

NOTE = "laying-out.json"
# Locks do not work on every network drive; there, only age can tell.
LEFT_SECONDS = 600.0


class _Note(msgspec.Struct, frozen=True):
    """Where the workspace of a sitting is being made."""

    workspace: str


def staging_folder(workspace: Path, sitting: str) -> Path:
    """Where the Category folders of `sitting` are made before they are moved in place."""
    return workspace / f".tfexam-{sitting}"


def put_note(folder: Path, workspace: Path) -> None:
    """Note that the lay-out of the sitting in `folder` has started; raises `OSError`."""
    write_atomically(folder / NOTE, msgspec.json.encode(_Note(str(workspace))))


def remove_note(folder: Path) -> None:
    """The lay-out is done; beside a record the note means nothing, so failing is harmless."""
    with contextlib.suppress(OSError):
        (folder / NOTE).unlink()


def sweep(sittings: Path, clock: Clock) -> None:
    """Remove leftovers among the folders of `sittings`; never raises `OSError`.

    Category folders already in place stay: they are the candidate's.
    """
    with contextlib.suppress(OSError):
        for folder in sorted(sittings.iterdir()):
            with contextlib.suppress(OSError, *UNDECODABLE, SittingError):
                if _is_left(folder, clock):
                    _remove(folder, clock)


def discard(folder: Path, clock: Clock) -> None:
    """Remove the sitting in `folder`, which was prepared and never started.

    Raises `SittingError` when it has started or is open, and `WorkspaceError` when a part of it
    cannot be removed.
    """
    lock = SittingLock.take(folder, clock)
    try:
        record = read_record(folder)
        kept = folder / journal.NAME
        if kept.exists() and kept.stat().st_size:
            raise TransitionError(phrase("This sitting has started."))
        # From here on an interrupted removal is what `sweep` finishes.
        put_note(folder, Path(record.workspace))
        kept.unlink(missing_ok=True)
        (folder / RECORD).unlink()
    except OSError as error:
        raise WorkspaceError(
            phrase("{path} cannot be removed: {error}.", path=folder, error=said(error)),
            fix=what_to_do(error),
        ) from error
    finally:
        lock.release()
    workspace = Path(record.workspace)
    # A folder of another name was named by the candidate, who may have made it.
    _remove_all(folder, workspace, with_workspace=workspace.name == record.id)


def _is_left(folder: Path, clock: Clock) -> bool:
    if not (folder / NOTE).is_file():
        return False
    if any((folder / name).exists() for name in (RECORD, journal.NAME)):
        return False
    return clock.now().wall - folder.stat().st_mtime > LEFT_SECONDS


def _remove(folder: Path, clock: Clock) -> None:
    """Remove one leftover; raises `SittingLockedError` while it is still being laid out."""
    note = msgspec.json.decode((folder / NOTE).read_bytes(), type=_Note)
    SittingLock.take(folder, clock).release()
    _remove_all(folder, Path(note.workspace), with_workspace=True)


def _remove_all(folder: Path, workspace: Path, *, with_workspace: bool) -> None:
    staged = staging_folder(workspace, folder.name)
    with contextlib.suppress(OSError):
        staged.chmod(0o700)  # it was closed once it was complete
    shutil.rmtree(staged, ignore_errors=True)
    if with_workspace:
        with contextlib.suppress(OSError):  # somebody's files, or gone
            workspace.rmdir()
    shutil.rmtree(folder, ignore_errors=True)
