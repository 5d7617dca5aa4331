"""Starts a task again: its `starter.py` as it was shipped, the candidate's kept beside it.

A brief that is gone comes back, too; for the data see `data_again.py`.

Nothing is overwritten at any moment. The candidate's file gets a name of its own first, and ours
takes only a place that is free; so after a crash in between, and if an editor saves meanwhile,
every line that was ever written is still in the folder.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.errors import TaskFileError, WorkspaceError
from engine.files import said, what_to_do, write_atomically
from engine.sitting.state.sitting import SittingRecord
from engine.sitting.store.record import category_folder
from exam_bank.phrase import phrase
from exam_bank.platform import disk
from exam_bank.task import LANGUAGES, Task

STARTER, BRIEF = "starter.py", "brief.md"


class StarterReset(msgspec.Struct, frozen=True):
    """The starter at `path` is as shipped; `kept` are the files that were there before.

    With `changed` false it was so already, and was not touched. `briefs` are those that were gone.
    """

    path: Path
    kept: tuple[Path, ...] = ()
    changed: bool = True
    briefs: tuple[Path, ...] = ()


def reset_starter(record: SittingRecord, task: Task, language: str) -> StarterReset:
    """Put the starter of `task`, as the sitting keeps it, into its category folder.

    It gets the language of the brief that lies there; else the sitting's, else `language`. Raises
    `WorkspaceError` when the folder cannot be changed, and `TaskFileError` when the sitting's own
    copy is gone; then nothing is lost.
    """
    starter = category_folder(record, task.id) / STARTER
    try:
        language = _language_of(record, task) or language
        shipped = task.starter(language)
        starter.parent.mkdir(parents=True, exist_ok=True)
        briefs = tuple(_missing_briefs(starter.parent, task, language))
        if _content(starter) == shipped:
            return StarterReset(starter, changed=False, briefs=briefs)
        return StarterReset(starter, tuple(_put(starter, shipped)), briefs=briefs)
    except OSError as error:
        raise WorkspaceError(
            phrase("{path} cannot be reset: {error}.", path=starter, error=said(error)),
            fix=what_to_do(error),
        ) from error


def kept_by_reset(record: SittingRecord, task: Task, language: str) -> Path | None:
    """The name that the file in the starter's place would get; None if none would be kept."""
    starter = category_folder(record, task.id) / STARTER
    try:
        shipped = task.starter(_language_of(record, task) or language)
        if not os.path.lexists(starter) or _content(starter) == shipped:
            return None
    except (OSError, TaskFileError):
        pass  # it would be kept, whatever it is
    return kept_name(starter)


def kept_name(starter: Path) -> Path:
    """The name under which the file there would be kept: starter.1.py, or a higher number."""
    names = (starter.with_suffix(f".{number}{starter.suffix}") for number in itertools.count(1))
    # A dangling link does not "exist", yet it belongs to somebody.
    return next(each for each in names if not os.path.lexists(each))


def _language_of(record: SittingRecord, task: Task) -> str:
    """The language in which `task` was handed out; "" if that cannot be told."""
    lying = _content(category_folder(record, task.id) / BRIEF)
    said = (each for each in LANGUAGES if lying == task.brief(each).encode())
    return next(said, record.language)


def _missing_briefs(folder: Path, task: Task, language: str) -> Iterator[Path]:
    """Write the briefs that are not in `folder`."""
    for name, text in task.briefs(language).items():
        path = folder / name
        if not os.path.lexists(path):
            write_atomically(path, text.encode())
            yield path


def _content(path: Path) -> bytes | None:
    # Whatever else lies there, such as a pipe, is only given another name.
    return path.read_bytes() if path.is_file() else None


def _put(starter: Path, shipped: bytes) -> list[Path]:
    """Put `shipped` at `starter`; the names of what was there."""
    fresh = starter.with_name(f".{starter.name}.{os.getpid()}.new")
    kept: list[Path] = []
    try:
        with fresh.open("wb") as file:  # first of all: a full disk must show here
            file.write(shipped)
            file.flush()
            disk.flush(file.fileno())
        while True:
            if os.path.lexists(starter):
                kept.append(kept_name(starter))
                disk.replace(starter, kept[-1])
            try:
                _take_free_place(fresh, starter)
                break
            except FileExistsError:
                continue  # saved in this moment: it is the candidate's, too
    finally:
        fresh.unlink(missing_ok=True)
    disk.sync_folder(starter.parent)
    return kept


def _take_free_place(fresh: Path, starter: Path) -> None:
    """Make `starter` the file `fresh`; raises `FileExistsError` if there is something."""
    try:
        os.link(fresh, starter)  # unlike a rename, it never takes another's place
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(starter):
            raise FileExistsError(starter) from None
        disk.replace(fresh, starter)
