"""Finds what `tfexam grade` must grade: which files, by which task's rules, seed and level.

A candidate names a file of the sitting, a teacher a folder of a whole class, a CI system a
single model with a task id. So the options name the task, or else the file's place does; if
neither does, a usage error lists the ways to name it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from engine.clock import SystemClock
from engine.errors import TfexamError
from engine.settings import Settings
from engine.sitting.state.sitting import SittingRecord
from engine.sitting.store.record import category_folders, read_record
from exam_bank import paper
from exam_bank.catalog import Catalog
from exam_bank.printable import printable
from exam_bank.task import Level, Task
from tui.commands.options import need_same_level, usual_level

MODEL_NAME = "mymodel.h5"
_CATEGORY = re.compile(r"category[ _-]?([1-5])", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """One file, and what to grade it by; `path` is as typed or found."""

    path: Path
    task: Task
    seed: int
    level: Level


@dataclass(frozen=True)
class Wanted:
    """The options that name a task and a level: at most one of `code` and `seed`."""

    task: str | None = None
    code: str | None = None
    seed: int | None = None
    level: Level | None = None


def find(
    paths: Sequence[Path], wanted: Wanted, settings: Settings, catalog: Catalog
) -> list[Target]:
    """Every file to grade, in the order of `paths`, each once.

    Raises a usage error if a file's task cannot be told or the code is for another level, and
    `BankError` for an unknown task or code, or a task that does not serve the level.
    """
    rule = _rule(wanted, settings, catalog)
    files = dict.fromkeys(file for path in paths for file in model_files(path))
    return [_target(file, rule) for file in files]


def model_files(path: Path) -> Iterator[Path]:
    """The model files that `path` means: itself, or those anywhere under a folder.

    A folder without any stands for its missing mymodel.h5, and a folder that is itself
    called mymodel.h5 for itself: grading says what is wrong with either.
    """
    if not path.is_dir() or path.name == MODEL_NAME:
        yield path
        return
    found = sorted(each for each in path.rglob(MODEL_NAME) if not _hidden(each, path))
    yield from found or [path / MODEL_NAME]


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _target(file: Path, rule: "Rule") -> Target:
    found = rule(file)
    if found is None:
        raise click.UsageError(
            f"Which task is {printable(str(file))} for? "
            "Use --task ID (`tfexam bank list` lists them), or "
            "--code TFX-… with files in folders Category1 to Category5, or name a file in "
            "the workspace of a sitting."
        )
    task, _seed, level = found
    task.need_level(level)
    return Target(file, *found)


Found = tuple[Task, int, Level]
Rule = Callable[[Path], "Found | None"]


def _rule(wanted: Wanted, settings: Settings, catalog: Catalog) -> Rule:
    if wanted.code is not None:
        drawn = paper.from_code(catalog, wanted.code)
        need_same_level(drawn, wanted.level)
        return _by_code(drawn, wanted.task, catalog)
    if wanted.task is not None:
        named = catalog.task(wanted.task)
        level = wanted.level or usual_level(named, settings)
        return lambda _: (named, wanted.seed or 0, level)
    by_sitting = _by_sitting(settings, catalog)

    def rule(file: Path) -> Found | None:
        found = by_sitting(file)
        if found is None:
            return None
        task, seed, level = found
        return task, seed if wanted.seed is None else wanted.seed, wanted.level or level

    return rule


def _by_code(drawn: paper.Paper, task: str | None, catalog: Catalog) -> Rule:
    """The paper's own seeds and level; the task as named, or by the Category folder in the path."""
    if task is not None and task not in drawn.weights:
        known = ", ".join(each.task for each in drawn.tasks)
        raise click.UsageError(f"The paper has no task {task!r}; it has {known}.")

    def rule(file: Path) -> Found | None:
        category = category_in(file)
        for each in drawn.tasks:
            if each.task == task or (task is None and each.category == category):
                return catalog.task(each.task), each.seed, drawn.level
        return None

    return rule


def category_in(file: Path) -> int | None:
    """The category that the nearest folder called Category1 to Category5 names."""
    for part in reversed(file.absolute().parent.parts):
        if found := _CATEGORY.fullmatch(part):
            return int(found[1])
    return None


def _by_sitting(settings: Settings, catalog: Catalog) -> Rule:
    """The task, seed and level of the sitting whose workspace holds the file."""
    records = _records(settings)

    def rule(file: Path) -> Found | None:
        folder = file.absolute().parent.resolve()
        for record in records:
            for name, place in category_folders(record).items():
                if folder.is_relative_to(place.resolve()):
                    seed = next(each.seed for each in record.paper.tasks if each.task == name)
                    return catalog.task(name), seed, record.paper.level
        return None

    return rule


def _records(settings: Settings) -> list[SittingRecord]:
    """The records of all readable sittings, newest first, since folders are reused."""
    from engine.sitting.store.history import sittings

    found = []
    for summary in sittings(settings, SystemClock()):
        try:
            found.append(read_record(Path(summary.folder)))
        except TfexamError:
            continue  # `tfexam history` lists damaged sittings
    return found
