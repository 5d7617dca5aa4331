"""Puts a frozen model, or one of another name, into its category folder; nothing there gets lost.

A model that was never submitted exists nowhere else, so it is moved aside, not replaced.
"""

import itertools
import os
import shutil
import threading
from pathlib import Path

from engine.sitting.intake.frozen import digest
from exam_bank.platform import disk

_ASIDE = ".replaced"


def put_back(sha256: str, submissions: Path, model: Path, stop: threading.Event) -> str | None:
    """Make `model` the frozen file `sha256` of `submissions`, completely or not at all.

    Returns the new name of a model that was there and had never been submitted, if any.
    Raises `OSError`, or `GivenUp` when `stop` is set.
    """
    return _put(submissions / f"{sha256}.h5", submissions, model, stop)


def _put(source: Path, submissions: Path, model: Path, stop: threading.Event) -> str | None:
    fresh = model.with_name(f".{model.name}.{os.getpid()}.new")
    try:
        shutil.copyfile(source, fresh)
        # On disk before the model there is moved: one of the two must always exist.
        with fresh.open("rb+") as file:
            disk.flush(file.fileno())
        aside = _move_aside(model, submissions, stop)
        disk.replace(fresh, model)
    finally:
        fresh.unlink(missing_ok=True)
    disk.sync_folder(model.parent)
    return aside


def take_file(source: Path, submissions: Path, model: Path, stop: threading.Event) -> str | None:
    """Make `model` the file `source`: moved if it is in the same folder, else copied.

    Returns and raises what `put_back` does.
    """
    if source.parent == model.parent:
        aside = _move_aside(model, submissions, stop)
        disk.replace(source, model)
        disk.sync_folder(model.parent)
        return aside
    return _put(source, submissions, model, stop)


def _move_aside(model: Path, submissions: Path, stop: threading.Event) -> str | None:
    try:
        known = _is_known(model, submissions, stop)
    except FileNotFoundError:
        return None
    if known:
        return None
    names = (f"{model.name}{_ASIDE}{'' if n == 1 else f'-{n}'}" for n in itertools.count(1))
    # A dangling link does not "exist", yet it belongs to somebody.
    free = next(name for name in names if not os.path.lexists(model.with_name(name)))
    disk.replace(model, model.with_name(free))
    return free


def _is_known(model: Path, submissions: Path, stop: threading.Event) -> bool:
    """Whether the file there was submitted; read only if a submission has its size."""
    size = model.stat().st_size
    if size not in {_size(each) for each in submissions.glob("*.h5")}:
        return False
    found = digest(model, stop, size)
    return found is not None and (submissions / f"{found}.h5").exists()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # without its frozen copy we cannot compare
        return -1
