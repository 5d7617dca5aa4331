"""Keeps briefs, starters and data closed until the clock starts, as in the real exam.

What is prepared waits in a closed folder beside its place; opening moves it there. A crash in
between is healed by opening again, and sittings from before were open from the beginning.
"""

from collections.abc import Iterable
from pathlib import Path

from engine.errors import WorkspaceError
from engine.files import said
from engine.sitting.state.sitting import SittingRecord
from engine.sitting.store.leftovers import staging_folder
from engine.sitting.store.record import category_folders
from exam_bank.phrase import phrase
from exam_bank.platform import disk

_CLOSED, _OPEN = 0o000, 0o755


def closed_folder(record: SittingRecord) -> Path:
    """Where the category folders wait for the start."""
    return staging_folder(Path(record.workspace), record.id)


def close_folders(closed: Path) -> None:
    """Let nobody look into the folder `closed`; raises `OSError`."""
    disk.sync_folder(closed)
    closed.chmod(_CLOSED)


def open_folders(record: SittingRecord) -> None:
    """Put the category folders in their places, where they are not yet.

    Raises `WorkspaceError`, and nothing is lost: opening can be tried again.
    """
    closed, places = closed_folder(record), category_folders(record).values()
    try:
        if closed.exists():
            closed.chmod(_OPEN)
            _move(closed, places)
    except OSError as error:
        raise WorkspaceError(
            phrase(
                "{path} cannot be used: {error}.",
                path=error.filename or record.workspace,
                error=said(error),
            ),
            fix=phrase("The clock has not started. Free some disk space, and start again."),
        ) from error


def _move(closed: Path, places: Iterable[Path]) -> None:
    for place in places:
        waiting = closed / place.name
        if not waiting.exists():
            continue  # moved by a start that was interrupted
        if place.is_symlink() or place.exists():
            raise WorkspaceError(
                phrase(
                    "{folder} already exists: it belongs to another sitting or to you.",
                    folder=place,
                ),
                fix=phrase("The clock has not started. Move it away, and start again."),
            )
        waiting.rename(place)
    closed.rmdir()
    disk.sync_folder(closed.parent)
