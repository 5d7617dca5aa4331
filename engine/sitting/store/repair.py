"""Checks a sitting's folder without opening the sitting, and recovers damaged journals.

Opening a sitting stops at the first damage; this reports all of it, so that a person knows
what is intact before deciding. Only `recover` changes anything, and it keeps the damaged
journal beside the new one.
"""

from pathlib import Path
from typing import Literal

import msgspec

from engine.clock import Clock
from engine.errors import BankError, JournalError, SittingError, TransitionError
from engine.files import said, what_to_do, write_atomically
from engine.sitting.state.events import Event
from engine.sitting.state.report import FILE_NAME
from engine.sitting.state.sitting import Phase, Sitting, SittingRecord, replay
from engine.sitting.store import journal
from engine.sitting.store.chain import chain_in
from engine.sitting.store.journal import (
    ends_too_early,
    read_journal,
    read_whole_lines,
    restored,
)
from engine.sitting.store.lock import SittingLock
from engine.sitting.store.record import (
    RECORD,
    hidden_folder,
    read_record,
    read_tasks,
    submission_file,
)
from exam_bank.phrase import phrase
from exam_bank.platform import disk
from exam_bank.safe_files import LARGEST_KEPT, read_small, sha256_of

Weight = Literal["note", "damage"]


class Remark(msgspec.Struct, frozen=True):
    """One finding: a note is harmless, damage is not; `says` tells what it is and what to do."""

    weight: Weight
    says: str


class Checkup(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a sitting's folder, as far as they can be read."""

    id: str
    folder: str
    events: int = 0
    submissions: int = 0
    remarks: tuple[Remark, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged."""
        return all(each.weight == "note" for each in self.remarks)


def check(folder: Path) -> Checkup:
    """Check the sitting in `folder`; changes nothing and never raises `TfexamError`."""
    remarks: list[Remark] = []
    found = _record(folder, remarks)
    path = folder / journal.NAME
    try:
        read = read_journal(path)
    except JournalError as error:
        remarks.append(Remark("damage", str(error)))
        return Checkup(id=folder.name, folder=str(folder), remarks=tuple(remarks))
    if read.torn:
        torn = f"{path} ends in a line that was never finished ({read.torn} B)."
        remarks.append(Remark("note", f"{torn} It is dropped at the next opening."))
    sitting = None if found is None else _replayed(found, read.events, path, remarks)
    if sitting is not None:
        remarks += [each for each in (_edited(folder),) if each is not None]
        remarks += _files(folder, sitting)
    return Checkup(
        id=folder.name,
        folder=str(folder),
        events=len(read.events),
        submissions=len(sitting.submissions) if sitting else 0,
        remarks=tuple(remarks),
    )


def recover(folder: Path, clock: Clock) -> tuple[int, Path]:
    """Keep the events before the damage; return how many there are, and the old journal's path.

    The damaged journal is kept beside the new one, and so is a result that does not follow from
    what is left: the sitting will have another. Raises `SittingLockedError` while the
    sitting is open, and `JournalError` when its journal is intact or has no usable line.
    """
    record, path = read_record(folder), folder / journal.NAME
    lock = SittingLock.take(folder, clock)
    try:
        content = read_small(path, LARGEST_KEPT)
        events = read_whole_lines(content)
        usable = _usable(record, events)
        if not usable:
            raise JournalError(
                phrase("{path}: not even its first line can be used.", path=path),
                fix=phrase("Restore it from a backup."),
            )
        lines = content.splitlines(keepends=True)[:usable]
        is_cut_off = ends_too_early(events[:usable], folder)
        if b"".join(lines) == content and not is_cut_off:
            raise JournalError(
                phrase("{path} is intact: there is nothing to recover.", path=path),
                fix=phrase("`tfexam history --check` checks the rest of the sitting."),
            )
        kept = _free_name(folder, "journal", ".jsonl")
        write_atomically(kept, content)
        write_atomically(path, b"".join(lines))
        if is_cut_off:
            disk.replace(folder / FILE_NAME, _free_name(folder, "result", ".toml"))
    except OSError as error:
        raise JournalError(
            phrase("{path} cannot be recovered: {error}.", path=path, error=said(error)),
            fix=what_to_do(error),
        ) from error
    finally:
        lock.release()
    return usable, kept


def _record(folder: Path, remarks: list[Remark]) -> SittingRecord | None:
    try:
        record = read_record(folder)
    except SittingError as error:
        remarks.append(Remark("damage", str(error)))
        return None
    try:
        read_tasks(folder, record)
    except BankError as error:
        remarks.append(Remark("damage", str(error)))
    return record


def _replayed(
    record: SittingRecord, events: tuple[Event, ...], path: Path, remarks: list[Remark]
) -> Sitting | None:
    try:
        return restored(record, events, path)
    except JournalError as error:
        remarks.append(Remark("damage", str(error)))
        return None


def _edited(folder: Path) -> Remark | None:
    """The first line of the journal that no longer follows from those before it, if any."""
    found = chain_in(folder / journal.NAME, folder / RECORD)
    if found.state != "broken":
        return None
    where = f"{folder / journal.NAME}: line {found.line} does not follow from what precedes it"
    advice = f"it or {RECORD} was changed. `tfexam verify {folder.name}` says what differs."
    return Remark("damage", f"{where}: {advice}")


def _files(folder: Path, sitting: Sitting) -> list[Remark]:
    """Files named by the events that are missing or changed."""
    remarks = [_frozen(folder, sha256) for sha256 in {each.sha256 for each in sitting.submissions}]
    if sitting.phase is not Phase.ENDED:
        remarks += [_hidden(folder, each.task) for each in sitting.record.paper.tasks]
        if not Path(sitting.record.workspace).is_dir():
            gone = f"The workspace {sitting.record.workspace} is gone; what was submitted is kept."
            remarks.append(Remark("note", gone))
    elif not sitting.unfinished and not (folder / FILE_NAME).is_file():
        remarks.append(Remark("note", f"{FILE_NAME} is not written yet: open the sitting once."))
    return sorted((each for each in remarks if each), key=lambda each: each.says)


def _frozen(folder: Path, sha256: str) -> Remark | None:
    path = submission_file(folder, sha256)
    try:
        found = sha256_of(path)
    except OSError as error:
        return Remark("damage", f"The frozen model {path} cannot be read: {said(error)}.")
    if found != sha256:
        return Remark("damage", f"The frozen model {path} was changed: its SHA-256 is {found}.")
    return None


def _hidden(folder: Path, task: str) -> Remark | None:
    path = hidden_folder(folder, task)
    if path.is_dir() and any(path.iterdir()):
        return None
    return Remark("damage", f"The hidden set of {task} is gone from {path}: it cannot be graded.")


def _usable(record: SittingRecord, events: tuple[Event, ...]) -> int:
    """How many of the first `events` can have happened."""
    try:
        replay(record, events)
    except TransitionError as error:
        return error.at_event - 1
    return len(events)


def _free_name(folder: Path, stem: str, suffix: str) -> Path:
    number = 1
    while (folder / f"{stem}.damaged-{number}{suffix}").exists():
        number += 1
    return folder / f"{stem}.damaged-{number}{suffix}"
