"""Finds what `tfexam grade` must grade: which files, by which task's rules, seed and level.

A candidate names a file of the sitting, a teacher a folder of a whole class, a CI system a
single model with a task id. So the options name the task, or else the file's place does; if
neither does, a usage error lists the ways to name it.
"""

import os
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from engine.clock import SystemClock
from engine.errors import TfexamError
from engine.settings import Settings
from engine.sitting.intake.frozen import Completeness, completeness, open_regular
from engine.sitting.intake.stray_models import is_likely
from engine.sitting.state.sitting import SittingRecord
from engine.sitting.store.record import category_folders, read_record
from exam_bank import paper
from exam_bank.catalog import Catalog
from exam_bank.printable import printable
from exam_bank.task import Level, Task
from tui.commands.options import need_same_level, usual_level
from tui.locale import _, listed

MODEL_NAME = "mymodel.h5"
MODEL_NAMES = (MODEL_NAME, "mymodel.keras")
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
    h5_only = settings.keras_files == "never"
    files = dict.fromkeys(file for path in paths for file in model_files(path, h5_only=h5_only))
    # A folder without a model may belong to no task: a folder of data, for example.
    return [_target(file, rule) for file in files if os.path.lexists(file) or rule(file)] or [
        _target(file, rule) for file in files
    ]


def model_files(path: Path, *, h5_only: bool = False) -> list[Path]:
    """The model files that `path` means: itself, or those anywhere under a folder.

    Of mymodel.h5 and mymodel.keras in one folder, the newer complete one; with `h5_only`
    mymodel.h5. A folder that should
    have a model stands for its missing mymodel.h5, and a folder that is itself called mymodel.h5
    for itself: grading says what is wrong with either.
    """
    if not path.is_dir() or path.name in MODEL_NAMES:
        return [path]
    below = [Path(folder) for folder, *_ in os.walk(path) if not _hidden(Path(folder), path)]
    models = {folder: each for folder in below if (each := _model_in(folder, h5_only)) is not None}
    missing = [
        folder
        for folder in below
        if folder not in models and (_is_a_share(folder, path, models) or _holds_another(folder))
    ]
    return sorted([*models.values(), *(each / MODEL_NAME for each in missing)]) or [
        path / MODEL_NAME
    ]


def _model_in(folder: Path, h5_only: bool) -> Path | None:
    there = [folder / name for name in MODEL_NAMES if os.path.lexists(folder / name)]
    if h5_only:
        return next(iter(there), None)
    return max(there, key=_is_whole_and_new, default=None)


def _is_whole_and_new(file: Path) -> tuple[bool, int]:
    try:
        size, changed = file.stat().st_size, file.stat().st_mtime_ns
        with open_regular(file) as content:
            return completeness(content, size) is Completeness.WHOLE, changed
    except OSError:
        return False, 0


def _is_a_share(folder: Path, path: Path, models: Collection[Path]) -> bool:
    """Whether `folder` is one candidate's among those in `path`, and holds no model anywhere."""
    if folder.parent != path or path in models:
        return False
    return not any(each.is_relative_to(folder) for each in models)


def _holds_another(folder: Path) -> bool:
    """Whether a file in `folder` has a name that is almost that of a model."""
    return any(is_likely(each.name) and each.is_file() for each in folder.iterdir())


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _target(file: Path, rule: "Rule") -> Target:
    found = rule(file)
    if found is None:
        raise click.UsageError(
            _(
                "Which task is {file} for? "
                "Use --task ID (`tfexam bank list` lists them), or "
                "--code TFX-… with files in folders Category1 to Category5, or name a file in "
                "the workspace of a sitting."
            ).format(file=printable(str(file)))
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
        known = listed(each.task for each in drawn.tasks)
        said = _("The paper has no task {task}; it has {known}.")
        raise click.UsageError(said.format(task=repr(task), known=known))

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
