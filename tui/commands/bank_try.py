"""Runs `tfexam bank try`: makes a task's folder as candidates get it, outside any sitting."""

import tempfile
from pathlib import Path

from engine.errors import WorkspaceError
from engine.settings import Settings
from engine.sitting.store.layout import write_texts
from exam_bank.datasets import LocalDataset
from exam_bank.preparation import Order, prepare
from exam_bank.task import Task


async def lay_out_alone(
    task: Task, seed: int, folder: Path, dataset: LocalDataset | None, settings: Settings
) -> Path:
    """Make `Category<N>` of `task` in `folder`; returns its path.

    The hidden set is made too, since the same code makes both, and thrown away. Raises
    `WorkspaceError` if that folder exists already, `DataError` if the data cannot be made.
    """
    made = folder / f"Category{task.category}"
    if made.exists():
        raise WorkspaceError(
            f"{made} is there already, perhaps with work in it.",
            fix="Choose another folder with --dir, or move it away.",
        )
    with tempfile.TemporaryDirectory(prefix="tfexam-try-") as away:
        hidden = str(Path(away, "hidden"))
        order = Order(task.id, str(task.folder), seed, hidden, str(made), dataset)
        await prepare([order])
    write_texts(task, made, settings.language)
    return made
