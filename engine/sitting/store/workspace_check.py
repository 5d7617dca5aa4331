"""Says in advance why a folder would be refused as a workspace, so that a form can show it.

Lay-out checks again when it counts; this only saves a wait in vain.
"""

import os
from pathlib import Path

from engine.files import said
from engine.grading.protocol import Message
from exam_bank.task import CATEGORIES


def folder_fault(folder: Path, sittings: Path) -> Message | None:
    """What rules out `folder` as a workspace, given the folder of `sittings`; None if fit."""
    try:
        return place_fault(folder) or _taken(folder) or _around(folder, sittings)
    except OSError as error:
        return _unusable(error)


def place_fault(folder: Path) -> Message | None:
    """Why nothing can be put into `folder`, which may not exist yet; None if it can."""
    try:
        if folder.exists() and not folder.is_dir():
            return Message("It is not a folder.")
        return _closed(folder)
    except OSError as error:
        return _unusable(error)


def _unusable(error: OSError) -> Message:
    return Message("It cannot be used: {reason}.", {"reason": said(error)})


def _taken(folder: Path) -> Message | None:
    for number in CATEGORIES:
        name = f"Category{number}"
        if os.path.lexists(folder / name):
            return Message("It already holds {name}: choose another folder.", {"name": name})
    return None


def _around(folder: Path, sittings: Path) -> Message | None:
    if sittings.resolve().is_relative_to(folder.resolve()):
        return Message("Hidden sets are kept in it: choose a separate folder.")
    return None


def _closed(folder: Path) -> Message | None:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir():
        return Message("{name} is not a folder.", {"name": str(there)})
    if not os.access(there, os.W_OK | os.X_OK):
        return Message("{name} cannot be written.", {"name": str(there)})
    return None
