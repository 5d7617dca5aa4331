"""Puts a frozen model back into its category folder, losing nothing that lies there.

A model that was never submitted exists nowhere else: it is moved aside, not replaced.
"""

import itertools
import os
import shutil
import threading
from pathlib import Path

from engine.files import sync_folder
from engine.sitting.intake.frozen import digest

_ASIDE = ".replaced"


def put_back(sha256: str, submissions: Path, model: Path, stop: threading.Event) -> str | None:
    """Make `model` the frozen file `sha256` of `submissions`, all at once or not at all.

    Answers the name under which a model that was never submitted is kept now, if one was
    there. Raises `OSError`, or `GivenUp` when `stop` is set.
    """
    fresh = model.with_name(f".{model.name}.{os.getpid()}.new")
    try:
        shutil.copyfile(submissions / f"{sha256}.h5", fresh)
        # On disk before a model that was there is moved: never neither of the two.
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        aside = _move_aside(model, submissions, stop)
        fresh.replace(model)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(model.parent)
    return aside


def _move_aside(model: Path, submissions: Path, stop: threading.Event) -> str | None:
    try:
        known = _is_known(model, submissions, stop)
    except FileNotFoundError:
        return None
    if known:
        return None
    names = (f"{model.name}{_ASIDE}{'' if n == 1 else f'-{n}'}" for n in itertools.count(1))
    # A link to nowhere does not exist and is somebody's all the same.
    free = next(name for name in names if not os.path.lexists(model.with_name(name)))
    model.replace(model.with_name(free))
    return free


def _is_known(model: Path, submissions: Path, stop: threading.Event) -> bool:
    """Whether what lies there was submitted; a file of no submission's size is not read."""
    size = model.stat().st_size
    if size not in {_size(each) for each in submissions.glob("*.h5")}:
        return False
    found = digest(model, stop, size)
    return found is not None and (submissions / f"{found}.h5").exists()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # a kept copy that is gone makes nothing known
        return -1
