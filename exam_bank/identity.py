"""Names the state of a task by what decides its data and its marks.

A paper's code and a cached hidden set must mean the same wherever they are used, so both
carry a digest of the code that makes the data, of the data sets it reads, and of what the
task is marked by. Texts are left out: a better brief does not make another paper. No
version number to raise by hand, because that would be forgotten.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from exam_bank.catalog import Catalog
from exam_bank.datasets.registry import Registry
from exam_bank.task import Task

_BANK = Path(__file__).parent
# Code that data makers share; `tests/rules` finds what a task imports beside it.
_SHARED = ("synthetic", "real", "material.py", "text_material.py", "datasets/local.py")
# The candidate's own, in every language.
_STARTERS = "starter*.py"


def of_bank(catalog: Catalog) -> bytes:
    """The digest of all tasks: another task, weight, threshold or generator changes it."""
    found = hashlib.sha256()
    shared = of_shared_code()
    for task in catalog.tasks:
        says = task.says
        schemes = [(level, task.marks(level)) for level in task.levels]
        marks = (says.category, says.id, says.weight, says.contract, schemes)
        found.update(msgspec.json.encode(marks, order="sorted"))
        found.update(_of_material(task, catalog.registry, shared))
    return found.digest()


def of_material(task: Task, registry: Registry) -> bytes:
    """The digest of all that makes the data of `task` from a seed."""
    return _of_material(task, registry, of_shared_code())


@cache
def of_shared_code() -> bytes:
    """The digest of the code that all data makers share, as it was when first asked for."""
    paths = (_BANK / name for name in _SHARED)
    return _of_code(
        each for path in paths for each in ((path,) if path.is_file() else path.rglob("*.py"))
    )


def _of_material(task: Task, registry: Registry, shared: bytes) -> bytes:
    makers = (path for path in task.folder.glob("*.py") if not path.match(_STARTERS))
    found = hashlib.sha256(shared + _of_code(makers))
    if dataset := registry.sets.get(task.says.source):
        for name, file in dataset.files.items():
            found.update(f"{name}: {' '.join(file.told_by)}\n".encode())
    return found.digest()


def _of_code(paths: Iterable[Path]) -> bytes:
    found = hashlib.sha256()
    for path in sorted(paths, key=Path.as_posix):
        # A checkout with other line ends is the same code.
        content = path.read_bytes().replace(b"\r\n", b"\n")
        found.update(f"{path.name}:{len(content)}:".encode())
        found.update(content)
    return found.digest()
