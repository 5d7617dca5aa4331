"""Finds the task folders: the built-in ones and those of packs (`packs.py`).

A folder is a task when it holds a `task.toml`. Reading the bank runs no task's code: only
`preparation` runs a `data.py`, in a subprocess. A pack may have a `datasets.toml` next to
its tasks, for data sets that tfexam does not know.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exam_bank.datasets.registry import NAME, SYNTHETIC, Registry, built_in
from exam_bank.errors import TaskFileError, UnknownTaskError
from exam_bank.learning.checklist import need_known_skills
from exam_bank.pack_files import need_plain
from exam_bank.packs import Pack, installed, named
from exam_bank.phrase import joined, phrase
from exam_bank.task import Level, Task

BUILT_IN = Path(__file__).parent / "tasks"


@dataclass(frozen=True)
class Catalog:
    """All tasks of the bank, by category and id, and the data sets they may name."""

    tasks: tuple[Task, ...]
    registry: Registry = field(default_factory=built_in)
    faults: tuple[TaskFileError, ...] = ()

    @classmethod
    def find(cls, packs: Sequence[Path] = ()) -> "Catalog":
        """Read the built-in tasks, those of each folder in `packs` and of installed packs.

        A pack that is named twice counts once. Raises `TaskFileError` for a pack that is
        not a folder or holds no tasks, a broken task, an unknown source or skill, or an id that
        two folders claim. A broken pack from an installed package is left out instead, and its
        fault kept: whoever runs tfexam may not even know that it is there.
        """
        collection = _Collection()
        for folder in (BUILT_IN, *packs):
            collection.add(named(folder))
        for pack in installed():
            if isinstance(pack, Pack):
                collection.offer(pack)
            else:
                collection.faults.append(pack)
        ordered = sorted(collection.tasks.values(), key=lambda task: (task.category, task.id))
        return cls(tuple(ordered), collection.registry, tuple(collection.faults))

    def of(self, category: int, level: Level | None = None) -> tuple[Task, ...]:
        """The tasks of one category; with a `level`, those that serve it."""
        found = (task for task in self.tasks if task.category == category)
        return tuple(task for task in found if level is None or level in task.levels)

    def task(self, name: str) -> Task:
        """The task with id `name`.

        Raises `UnknownTaskError`, naming the ids there are.
        """
        for task in self.tasks:
            if task.id == name:
                return task
        known = ", ".join(task.id for task in self.tasks)
        none = phrase("There is no task {name}.", name=repr(name))
        said = joined(" ", [none, *(each.message for each in self.faults)])
        raise UnknownTaskError(said, fix=phrase("Known tasks: {known}.", known=known))


class _Collection:
    """The tasks and data sets of the packs read so far."""

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.registry = built_in()
        self.faults: list[TaskFileError] = []
        self._read: set[Path] = set()

    def add(self, pack: Pack) -> None:
        """Add all of `pack`, or nothing: raises `TaskFileError` for the first fault."""
        folder = pack.folder.resolve()
        if folder in self._read:
            return
        _need_plain(pack, folder)
        registry = _with_those_of(folder, self.registry)
        tasks = {task.id: task for task in self._checked(_tasks_in(pack, folder), registry)}
        self._read.add(folder)
        self.registry = registry
        self.tasks |= tasks

    def offer(self, pack: Pack) -> None:
        """Add all of `pack`, or keep the fault for which it is left out."""
        try:
            self.add(pack)
        except TaskFileError as error:
            said = phrase(
                "The pack from {offered_by} is left out. {fault}",
                offered_by=pack.offered_by,
                fault=error.sentence,
            )
            self.faults.append(TaskFileError(said, fix=pack.fix))

    def _checked(self, found: list[Task], registry: Registry) -> Iterator[Task]:
        known = dict(self.tasks)
        for task in found:
            _need_source(task, registry)
            need_known_skills(task)
            if task.id in known:
                raise TaskFileError(
                    phrase(
                        "Two folders claim the task id {id}: {folder} and {other}.",
                        id=task.id,
                        folder=known[task.id].folder,
                        other=task.folder,
                    ),
                    fix=phrase("Change the id in one task.toml."),
                )
            known[task.id] = task
            yield task


def _need_plain(pack: Pack, folder: Path) -> None:
    """Refuse links before reading the pack: its texts are shown and copied into workspaces."""
    if not folder.is_dir():
        raise TaskFileError(
            phrase("{folder} is not a folder of tasks.", folder=pack.folder), fix=pack.fix
        )
    if folder == BUILT_IN.resolve():
        return
    try:
        need_plain(folder)
    except OSError as error:
        raise TaskFileError(
            phrase(
                "{path} cannot be read: {error}.",
                path=error.filename or folder,
                error=error.strerror,
            ),
            fix=pack.fix,
        ) from error


def _tasks_in(pack: Pack, folder: Path) -> list[Task]:
    found = [Task.read(path.parent) for path in sorted(folder.glob("*/task.toml"))]
    if not found:
        raise TaskFileError(phrase("{folder} holds no tasks.", folder=pack.folder), fix=pack.fix)
    return found


def _with_those_of(pack: Path, registry: Registry) -> Registry:
    """`registry` with the data sets of `pack`, if it has any."""
    path = pack / NAME
    return registry.joined(Registry.read(path), path) if path.is_file() else registry


def _need_source(task: Task, registry: Registry) -> None:
    if task.says.source not in (SYNTHETIC, *registry.sets):
        raise TaskFileError(
            phrase(
                "{toml}: source {source} is no data set.",
                toml=task.folder / "task.toml",
                source=repr(task.says.source),
            ),
            fix=phrase(
                "Write {made} or one of: {sets}.",
                made=repr(SYNTHETIC),
                sets=", ".join(sorted(registry.sets)),
            ),
        )
