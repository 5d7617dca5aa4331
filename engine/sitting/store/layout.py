"""Lays out a sitting on disk: its own folder, and the workspace the candidate works in.

Everything is made in a staging folder, `sitting.toml` last, and waits there until the clock
starts (`opening.py`). So a crash midway leaves no sitting that looks ready, and nobody reads a
brief before the time.
Nothing in the workspace reveals the seed, the code, the hidden sets or the reference
solutions.
"""

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from engine.clock import Clock
from engine.errors import WorkspaceError
from engine.files import said, write_atomically
from engine.pack_trust import trusted
from engine.settings import Settings
from engine.sitting.state.sitting import Kind, Mode, SittingRecord, Submitting
from engine.sitting.store import leftovers
from engine.sitting.store.class_paper import ClassPaper
from engine.sitting.store.history import MOMENT, need_startable
from engine.sitting.store.leftovers import staging_folder
from engine.sitting.store.lock import SittingLock
from engine.sitting.store.opening import close_folders
from engine.sitting.store.paper_choice import store_for
from engine.sitting.store.record import (
    RECORD,
    category_folder,
    category_folders,
    hidden_folder,
    read_record,
    read_tasks,
    submission_file,
    task_folder,
)
from engine.sitting.store.target import ValidationTarget
from exam_bank import preparation
from exam_bank.catalog import Catalog
from exam_bank.datasets import LocalDataset
from exam_bank.datasets.store import Store
from exam_bank.paper import Paper
from exam_bank.phrase import phrase
from exam_bank.platform import disk
from exam_bank.preparation import Order, Step
from exam_bank.task import Task

__all__ = [
    "category_folder",
    "category_folders",
    "hidden_folder",
    "lay_out",
    "read_record",
    "read_tasks",
    "submission_file",
    "write_texts",
]

Prepare = Callable[[Sequence[Order], Callable[[Step], None]], Coroutine[Any, Any, None]]

# Easy to read aloud and hard to confuse: no l, o, 0, 1.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_KEPT = ("task.toml", "brief*.md", "starter*.py")
_HINTS = "hints*.md"


async def lay_out(
    settings: Settings,
    clock: Clock,
    *,
    paper: Paper,
    catalog: Catalog,
    kind: Kind,
    mode: Mode,
    minutes: float,
    workspace: Path | None = None,
    submitting: Submitting = "as_set",
    extra_time: float = 1.0,
    class_paper: ClassPaper | None = None,
    on_step: Callable[[Step], None] = lambda _: None,
    prepare: Prepare = preparation.prepare,
) -> Path:
    """Create a new sitting and return its folder; its phase is PREPARED.

    Without a `workspace` one is made in `settings.workspaces`. Raises `WorkspaceError`, `BankError`
    and what `need_startable` raises of a `class_paper`; then it removes what it made.
    """
    now = clock.now()
    if class_paper is not None:
        need_startable(class_paper, settings.sittings_folder, now)
    tasks = await _trusted_tasks(settings, catalog, paper)
    folder = _new_folder(settings.sittings_folder, clock)
    record = SittingRecord(
        id=folder.name,
        kind=kind,
        mode=mode,
        minutes=minutes,
        paper=paper,
        workspace=str((workspace or settings.workspaces / folder.name).expanduser().absolute()),
        created=now,
        tfexam_version=metadata.version("tfexam"),
        sampling=settings.sampling,
        submitting=_kept(submitting, settings),
        keras_files=settings.keras_files,
        language=settings.language,
        extra_time=extra_time,
    )
    record = class_paper.on(record) if class_paper else record

    async def make(layout: _Layout) -> None:
        layout.begin(clock)
        await prepare(await layout.orders(store_for(settings, catalog, layout.workspace)), on_step)
        layout.finish(settings.language)

    await _whole_or_not_at_all(_Layout(folder, record, tasks), make)
    return folder


async def _trusted_tasks(settings: Settings, catalog: Catalog, paper: Paper) -> dict[str, Task]:
    """The tasks of `paper` by id, whose code may run."""
    drawn = [catalog.task(each.task) for each in paper.tasks]
    # A pack may be large, and every byte of it is hashed.
    may_run = await asyncio.to_thread(trusted, drawn, settings)
    return {each.id: each for each in may_run}


async def _whole_or_not_at_all(
    layout: "_Layout", make: "Callable[[_Layout], Coroutine[Any, Any, None]]"
) -> None:
    """Run `make`; if anything stops it, remove what it made."""
    try:
        await make(layout)
    except OSError as error:
        layout.undo()
        raise _unusable(Path(error.filename or layout.workspace), said(error)) from error
    except BaseException:
        layout.undo()
        raise
    finally:
        layout.unlock()


class _Layout:
    """Lays out one sitting: knows what is staged, what is in place, and how to undo it."""

    def __init__(self, folder: Path, record: SittingRecord, tasks: dict[str, Task]) -> None:
        self._folder, self._record, self._tasks = folder, record, tasks
        self._workspace = Path(record.workspace)
        self._staging = staging_folder(self._workspace, record.id)
        self._lock: SittingLock | None = None
        self._made_workspace = False

    @property
    def workspace(self) -> Path:
        """The folder the candidate will work in."""
        return self._workspace

    def begin(self, clock: Clock) -> None:
        """Check the workspace and keep copies of the tasks."""
        self._lock = SittingLock.take(self._folder, clock)
        leftovers.put_note(self._folder, self._workspace)
        self._refuse_foreign_workspace()
        self._refuse_around_the_hidden_sets()
        self._made_workspace = not self._workspace.exists()
        self._staging.mkdir(parents=True)
        for name in ("submissions", "hidden", "logs"):
            (self._folder / name).mkdir(mode=0o700)
        for task in self._tasks.values():
            with_hints = self._record.mode == "coach"
            copy_task(task, task_folder(self._folder, task.id), with_hints=with_hints)

    async def orders(self, store: Store) -> list[Order]:
        """What `preparation` has to make, in the staging folders, from the data in `store`."""
        data = await asyncio.to_thread(_data_of, self._tasks, store)
        return [
            Order(
                task=each.task,
                folder=str(self._tasks[each.task].folder),
                seed=each.seed,
                hidden=str(hidden_folder(self._folder, each.task)),
                files=str(self._staged(each.task)),
                dataset=data[each.task],
                part=self._record.part,
            )
            for each in self._record.paper.tasks
        ]

    def finish(self, language: str) -> None:
        """Add starters and briefs, close the folders until the start, then write the record."""
        level = self._record.paper.level
        for name, task in self._tasks.items():
            kept = Task(task.says, task_folder(self._folder, name))
            if target := ValidationTarget.of(task, level, hidden_folder(self._folder, name)):
                target.write_into(kept.folder)
            write_texts(kept, self._staged(name), language)
        close_folders(self._staging)
        disk.sync_folder(self._workspace)
        write_atomically(self._folder / RECORD, msgspec.toml.encode(self._record))
        disk.sync_folder(self._folder.parent)
        leftovers.remove_note(self._folder)

    def unlock(self) -> None:
        """Let others open the sitting."""
        if self._lock is not None:
            self._lock.release()

    def undo(self) -> None:
        """Remove what was made; what was there before stays."""
        with contextlib.suppress(OSError):
            self._staging.chmod(0o700)
        for path in (self._staging, self._folder):
            shutil.rmtree(path, ignore_errors=True)
        if self._made_workspace:
            # If somebody put something into it meanwhile, it is theirs and stays.
            with contextlib.suppress(OSError):
                self._workspace.rmdir()

    def _staged(self, task: str) -> Path:
        return self._staging / category_folders(self._record)[task].name

    def _refuse_foreign_workspace(self) -> None:
        if self._workspace.exists() and not self._workspace.is_dir():
            raise _unusable(self._workspace, phrase("it is not a folder"))
        taken = [*category_folders(self._record).values(), *self._waiting_there()]
        for folder in taken:
            if folder.is_symlink() or folder.exists():
                raise WorkspaceError(
                    phrase(
                        "{folder} already exists: it belongs to another sitting or to you.",
                        folder=folder,
                    ),
                    fix=phrase("Choose another folder with --dir, or move it away."),
                )

    def _waiting_there(self) -> Iterator[Path]:
        """What other sittings have prepared in this workspace and not started."""
        for folder in self._workspace.glob(staging_folder(Path(), "*").name):
            name = folder.name.removeprefix(staging_folder(Path(), "").name)
            if (self._folder.parent / name / RECORD).exists():
                yield folder

    def _refuse_around_the_hidden_sets(self) -> None:
        if self._folder.resolve().is_relative_to(self._workspace.resolve()):
            raise WorkspaceError(
                phrase(
                    "{workspace} contains {parent}, where the hidden sets are kept: none of your "
                    "programs should read those by accident.",
                    workspace=self._workspace,
                    parent=self._folder.parent,
                ),
                fix=phrase(
                    "Choose a separate folder with --dir, such as one that does not exist yet."
                ),
            )


def _data_of(tasks: Mapping[str, Task], store: Store) -> dict[str, LocalDataset | None]:
    """The data set of each task; raises `DataError`, saying what to fetch."""
    found = store.of_sources(task.says.source for task in tasks.values())
    return {name: found[task.says.source] for name, task in tasks.items()}


def _kept(submitting: Submitting, settings: Settings) -> Submitting:
    """How models are submitted, decided once: opened under other settings, it stays the same."""
    if submitting != "as_set":
        return submitting
    return "automatic" if settings.auto_grade else "by_hand"


def _new_folder(sittings: Path, clock: Clock) -> Path:
    """A new empty folder with a name such as 2026-11-23-1547-k3f9; leftovers of others go."""
    leftovers.sweep(sittings, clock)
    moment = clock.now().local().strftime(MOMENT)
    try:
        sittings.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            name = f"{moment}-{''.join(secrets.choice(_LETTERS) for _ in range(4))}"
            try:
                (sittings / name).mkdir(mode=0o700)
            except FileExistsError:
                continue
            return sittings / name
    except OSError as error:
        raise WorkspaceError(
            phrase(
                "{path} cannot be used: {error}.",
                path=error.filename or sittings,
                error=said(error),
            ),
            fix=phrase(
                "tfexam keeps sittings there: set TFEXAM_HOME to a folder that you can write to."
            ),
        ) from error


def copy_task(task: Task, target: Path, *, with_hints: bool) -> None:
    """Copy what a sitting keeps of `task` into the new folder `target`.

    Hints only where they may be seen before the end; a review afterwards has the bank's.
    """
    target.mkdir(parents=True, mode=0o700)
    for pattern in (*_KEPT, _HINTS) if with_hints else _KEPT:
        for path in task.folder.glob(pattern):
            shutil.copyfile(path, target / path.name)


def write_texts(task: Task, folder: Path, language: str) -> None:
    """Write the candidate's texts of `task` into `folder`: starter and briefs."""
    folder.mkdir(exist_ok=True)
    (folder / "starter.py").write_bytes(task.starter(language))
    for name, text in task.briefs(language).items():
        (folder / name).write_text(text, encoding="utf-8")


def _unusable(path: Path, why: str) -> WorkspaceError:
    return WorkspaceError(
        phrase("{path} cannot be used: {why}.", path=path, why=why),
        fix=phrase(
            "Choose another folder with --dir or TFEXAM_WORKSPACES, and check its permissions."
        ),
    )
