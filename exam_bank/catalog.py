"""Finds the task folders: built in, and the packs that `TFEXAM_BANK` names.

A folder is a task when it holds a `task.toml`. Reading the bank runs no task's code:
`data.py` is only run by `preparation`, in a subprocess. A pack may bring a `datasets.toml`
beside its tasks, for data sets that tfexam does not know.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exam_bank.datasets.registry import NAME, SYNTHETIC, Registry, built_in
from exam_bank.errors import TaskFileError, UnknownTaskError
from exam_bank.task import Task

BUILT_IN = Path(__file__).parent / "tasks"


@dataclass(frozen=True)
class Catalog:
    """All tasks of the bank, by category and id, and the data sets they may name."""

    tasks: tuple[Task, ...]
    registry: Registry = field(default_factory=built_in)

    @classmethod
    def find(cls, packs: Sequence[Path] = ()) -> "Catalog":
        """Read the built-in tasks and those of each folder in `packs`.

        A pack that is named twice counts once. Raises `TaskFileError` for a pack that is
        no folder or holds no task, a broken task, a source that is no data set, or an id
        that two folders claim.
        """
        tasks: dict[str, Task] = {}
        registry = built_in()
        for pack in dict.fromkeys(path.resolve() for path in (BUILT_IN, *packs)):
            registry = _with_those_of(pack, registry)
            for task in _tasks_in(pack):
                _need_source(task, registry)
                if task.id in tasks:
                    raise TaskFileError(
                        f"Two folders claim the task id {task.id}: {tasks[task.id].folder} "
                        f"and {task.folder}.",
                        fix="Change the id in one task.toml.",
                    )
                tasks[task.id] = task
        ordered = sorted(tasks.values(), key=lambda task: (task.category, task.id))
        return cls(tuple(ordered), registry)

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
    if pack != BUILT_IN.resolve():
        _refuse_links_out(pack)
    found = [Task.read(path.parent) for path in sorted(pack.glob("*/task.toml"))]
    if not found:
        raise TaskFileError(
            f"{pack} holds no task.",
            fix="TFEXAM_BANK names the folder that task folders lie in, not a task's own.",
        )
    return found


def _refuse_links_out(pack: Path) -> None:
    """A pack's texts are copied into workspaces: they must not be somebody's other files."""
    for path in sorted(pack.glob("*/**/*")):
        if path.is_symlink() and not path.resolve().is_relative_to(pack):
            raise TaskFileError(
                f"{path} is a link out of its pack, to {path.resolve()}.",
                fix="Put the file itself there.",
            )


def _with_those_of(pack: Path, registry: Registry) -> Registry:
    """`registry` with the data sets of `pack`, where it brings any."""
    path = pack / NAME
    return registry.joined(Registry.read(path), path) if path.is_file() else registry


def _need_source(task: Task, registry: Registry) -> None:
    if task.says.source not in (SYNTHETIC, *registry.sets):
        raise TaskFileError(
            f"{task.folder / 'task.toml'}: source {task.says.source!r} is no data set.",
            fix=f"Write {SYNTHETIC!r} or one of: {', '.join(sorted(registry.sets))}.",
        )


def packs_from(value: str) -> tuple[Path, ...]:
    """The folders that a `TFEXAM_BANK` value names, parted by the system's path separator."""
    return tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part)
