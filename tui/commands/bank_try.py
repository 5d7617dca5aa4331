"""Runs `tfexam bank try`: makes a task's folder as candidates get it, outside any sitting."""

import tempfile
from pathlib import Path

from engine.errors import WorkspaceError
from engine.settings import Settings
from engine.sitting.store.layout import copy_task, write_texts
from engine.sitting.store.target import ValidationTarget
from exam_bank.datasets import LocalDataset
from exam_bank.phrase import phrase
from exam_bank.preparation import Order, prepare
from exam_bank.task import Level, Task


async def lay_out_alone(
    task: Task,
    seed: int,
    folder: Path,
    dataset: LocalDataset | None,
    settings: Settings,
    level: Level,
) -> Path:
    """Make `Category<N>` of `task` in `folder`, as on `level`; returns its path.

    The hidden set is made too, since the same code makes both, and thrown away. Raises
    `WorkspaceError` if that folder exists already, `DataError` if the data cannot be made.
    """
    made = folder / f"Category{task.category}"
    if made.exists():
        raise WorkspaceError(
            phrase("{folder} is there already, perhaps with work in it.", folder=made),
            fix=phrase("Choose another folder with --dir, or move it away."),
        )
    with tempfile.TemporaryDirectory(prefix="tfexam-try-") as away:
        hidden, kept = Path(away, "hidden"), Path(away, "task")
        order = Order(task.id, str(task.folder), seed, str(hidden), str(made), dataset)
        await prepare([order])
        copy_task(task, kept, with_hints=False)
        if target := ValidationTarget.of(task, level, hidden):
            target.write_into(kept)
        write_texts(Task(task.says, kept), made, settings.language)
    return made
