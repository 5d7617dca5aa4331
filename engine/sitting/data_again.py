"""Brings back the data of a task whose folder was lost, as they were handed out.

They are made anew from the paper's seed, beside the folder, and count only if the hidden set made
with them equals the one that the sitting keeps: a task may have changed since. What lies in the
folder is never touched.
"""

import asyncio
import contextlib
import filecmp
import shutil
import tempfile
from pathlib import Path

import msgspec

from engine.errors import WorkspaceError
from engine.files import said, what_to_do
from engine.pack_trust import trusted
from engine.settings import Settings
from engine.sitting.state.sitting import SittingRecord
from engine.sitting.store.layout import Prepare
from engine.sitting.store.paper_choice import store_for
from engine.sitting.store.record import category_folder, hidden_folder
from exam_bank import preparation
from exam_bank.catalog import Catalog
from exam_bank.phrase import phrase
from exam_bank.platform import disk
from exam_bank.preparation import Order

DATA = "data"


def is_data_gone(record: SittingRecord, task: str) -> bool:
    """Whether the folder of `task` has no data, or none left."""
    data = category_folder(record, task) / DATA
    try:
        return not data.is_symlink() and not any(data.iterdir())
    except FileNotFoundError:
        return True
    except OSError:  # no folder, or none of ours to judge
        return False


async def bring_data_back(
    folder: Path,
    record: SittingRecord,
    task: str,
    *,
    settings: Settings,
    catalog: Catalog,
    prepare: Prepare = preparation.prepare,
) -> None:
    """Make the data of `task` again for the sitting in `folder`; other files there stay.

    Raises `BankError` when they cannot be made, and `WorkspaceError` when they are others now or
    cannot be put in place; then nothing is changed.
    """
    place = category_folder(record, task)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="again-", dir=folder) as hidden,
            tempfile.TemporaryDirectory(prefix=".tfexam-again-", dir=record.workspace) as made,
        ):
            order = await _order(record, task, settings, catalog)
            hidden_set, files = Path(hidden) / task, Path(made) / place.name
            order = msgspec.structs.replace(order, hidden=str(hidden_set), files=str(files))
            await prepare([order], lambda _: None)
            _need_same(hidden_set, hidden_folder(folder, task), task)
            _put(files, place)
    except OSError as error:
        raise WorkspaceError(
            phrase(
                "{path} cannot be used: {error}.", path=error.filename or place, error=said(error)
            ),
            fix=what_to_do(error),
        ) from error


async def _order(record: SittingRecord, name: str, settings: Settings, catalog: Catalog) -> Order:
    drawn = next(each for each in record.paper.tasks if each.task == name)
    (task,) = await asyncio.to_thread(trusted, [catalog.task(name)], settings)
    store, source = store_for(settings, catalog, Path(record.workspace)), task.says.source
    data = await asyncio.to_thread(store.of_sources, [source])
    return Order(
        task=name,
        folder=str(task.folder),
        seed=drawn.seed,
        hidden="",
        dataset=data[source],
        part=record.part,
    )


def _need_same(made: Path, kept: Path, task: str) -> None:
    """Raise `WorkspaceError` unless the hidden set `made` now is the one that grades."""
    for path in kept.iterdir():
        if not (made / path.name).is_file() or not filecmp.cmp(
            path, made / path.name, shallow=False
        ):
            raise WorkspaceError(
                phrase("The task {task} has changed: it makes other data now.", task=task),
                fix=phrase("Train on a copy of the data, if there is one, or take another task."),
            )


def _put(made: Path, place: Path) -> None:
    """Move the files made into the folder `place`, where nothing of that name is."""
    place.mkdir(parents=True, exist_ok=True)
    for path in made.iterdir():
        target = place / path.name
        with contextlib.suppress(OSError):  # an empty folder; anything else stays
            target.rmdir()
        if not target.exists() and not target.is_symlink():
            shutil.move(path, target)
    disk.sync_folder(place)
