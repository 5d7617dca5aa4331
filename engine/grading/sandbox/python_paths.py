"""Finds the folders and files that Python may still need once a grading child has shut itself in.

TensorFlow and Keras import some of their modules only when a model needs them, so the libraries
stay readable. The rest of Python's path does not: the folder of an editable install, or of the
candidate's own project. Nor do tasks, whose folders hold their reference solutions.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import exam_bank

TASKS = Path(exam_bank.__file__).parent / "tasks"
_LIBRARIES = {"site-packages", "dist-packages"}
_MOST_FOLDERS, _MOST_FILES = 20, 500


def readable() -> Iterator[Path]:
    """What a process may read: files, and everything below folders."""
    standard = set(_standard_libraries())
    yield from standard
    for entry in _entries():
        if entry.name in _LIBRARIES:
            yield from _but_tasks(entry)
        elif os.path.isfile(entry):  # noqa: PTH113 - modules in a zip file; never raises
            yield entry
        elif not any(entry.is_relative_to(each) for each in standard):
            yield from _imported_from(entry)
    yield from _shared_libraries(os.environ.get("LD_LIBRARY_PATH", ""))


def listed() -> list[Path]:
    """Folders whose names must be readable, but not all below them: Python looks there."""
    return [TASKS.parent, *(entry for entry in _entries() if entry.name in _LIBRARIES)]


def _entries() -> Iterator[Path]:
    return (Path(entry).absolute() for entry in dict.fromkeys(sys.path) if entry)


def _standard_libraries() -> Iterator[Path]:
    """Of this Python, and of the one that its virtual environment was made with."""
    for prefix in {sys.base_prefix, sys.base_exec_prefix}:
        yield from (Path(prefix) / "lib", Path(prefix) / "lib64")


def _but_tasks(folder: Path) -> Iterator[Path]:
    """`folder`, or everything in it except tasks, if it has any; nothing of what lies in them."""
    if folder.is_relative_to(TASKS):
        return
    if not TASKS.is_relative_to(folder):
        yield folder
        return
    with contextlib.suppress(OSError):
        for each in folder.iterdir():
            if each != TASKS:
                yield from _but_tasks(each)


def _imported_from(entry: Path) -> Iterator[Path]:
    """The packages and modules in the folder `entry` that this process has imported."""
    for name, module in list(sys.modules.items()):
        if "." in name:
            continue
        said = getattr(module, "__dict__", {})
        for place in said.get("__path__") or [said.get("__file__")]:
            if place and Path(place).is_relative_to(entry) and Path(place) != entry:
                yield from _but_tasks(Path(place))


def _shared_libraries(search_path: str) -> Iterator[Path]:
    """Only the libraries in the folders of `search_path`."""
    for folder in search_path.split(os.pathsep)[:_MOST_FOLDERS]:
        if folder:
            with contextlib.suppress(OSError):
                yield from islice(Path(folder).glob("*.so*"), _MOST_FILES)
