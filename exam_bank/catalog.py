"""Finds the task folders: built in, and the packs that `TFEXAM_BANK` names.

A folder is a task when it holds a `task.toml`. Reading the bank runs no task's code:
`data.py` is only run by `preparation`, in a subprocess.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exam_bank.errors import TaskFileError, UnknownTaskError
from exam_bank.task import Task

BUILT_IN = Path(__file__).parent / "tasks"


@dataclass(frozen=True)
class Catalog:
    """All tasks of the bank, by category and id."""

    tasks: tuple[Task, ...]

    @classmethod
    def find(cls, packs: Sequence[Path] = ()) -> "Catalog":
        """Read the built-in tasks and those of each folder in `packs`.

        A pack that is named twice counts once. Raises `TaskFileError` for a pack that is
        no folder or holds no task, a broken task, or an id that two folders claim.
        """
        tasks: dict[str, Task] = {}
        for pack in dict.fromkeys(path.resolve() for path in (BUILT_IN, *packs)):
            for task in _tasks_in(pack):
                if task.id in tasks:
                    raise TaskFileError(
                        f"Two folders claim the task id {task.id}: {tasks[task.id].folder} "
                        f"and {task.folder}.",
                        fix="Change the id in one task.toml.",
                    )
                tasks[task.id] = task
        return cls(tuple(sorted(tasks.values(), key=lambda task: (task.category, task.id))))

    def of(self, category: int) -> tuple[Task, ...]:
        """The tasks of one category."""
        return tuple(task for task in self.tasks if task.category == category)

    def task(self, name: str) -> Task:
        """The task with id `name`.

        Raises `UnknownTaskError`, naming the ids there are.
        """
        for task in self.tasks:
            if task.id == name:
                return task
        known = ", ".join(task.id for task in self.tasks)
        raise UnknownTaskError(f"There is no task {name!r}.", fix=f"Known tasks: {known}.")


def _tasks_in(pack: Path) -> list[Task]:
    if not pack.is_dir():
        raise TaskFileError(f"{pack} is not a folder of tasks.", fix="Check TFEXAM_BANK.")
    found = [Task.read(path.parent) for path in sorted(pack.glob("*/task.toml"))]
    if not found:
        raise TaskFileError(
            f"{pack} holds no task.",
            fix="TFEXAM_BANK names the folder that task folders lie in, not a task's own.",
        )
    return found


def packs_from(value: str) -> tuple[Path, ...]:
    """The folders that a `TFEXAM_BANK` value names, parted by the system's path separator."""
    return tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part)
