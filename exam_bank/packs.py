"""Packs: more folders of tasks, named in TFEXAM_BANK or offered by an installed package.

A package offers one through an entry point in the group `tfexam.bank`, whose value is the
package (`my_pack`, `my_pack.tasks`) that contains the task folders. It is located but never
imported: listing tasks must neither run a stranger's code nor wait for it.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from exam_bank.errors import TaskFileError
from exam_bank.phrase import phrase

GROUP = "tfexam.bank"


class Pack(NamedTuple):
    """A folder of task folders, and who offers it, worded for error messages."""

    folder: Path
    offered_by: str
    fix: str


def named(folder: Path) -> Pack:
    """The pack in `folder`, which TFEXAM_BANK names."""
    fix = phrase(
        "TFEXAM_BANK names the folder that holds task folders, not a single task's folder."
    )
    return Pack(folder, "TFEXAM_BANK", fix)


def installed() -> Iterator[Pack | TaskFileError]:
    """The packs of installed packages, by name; a fault for each that cannot be found."""
    from importlib import metadata  # would take a tenth of the app's start, and is rarely needed

    points = metadata.entry_points(group=GROUP)
    for point in sorted(points, key=lambda each: (each.name, each.value)):
        package = point.dist.name if point.dist is not None else point.name
        offered_by = phrase(
            "the package {package} (entry point {name} = {value})",
            package=package,
            name=point.name,
            value=point.value,
        )
        fix = phrase("Tell its author, or remove it: pip uninstall {package}", package=package)
        folder = folder_of(point.value)
        if folder is None:
            yield TaskFileError(
                phrase(
                    "The pack from {offered_by} is left out: there is no such package.",
                    offered_by=offered_by,
                ),
                fix=fix,
            )
        else:
            yield Pack(folder, offered_by, fix)


def folder_of(module: str) -> Path | None:
    """The folder of the package `module`, found without importing it or any package around it."""
    top, *rest = module.partition(":")[0].strip().split(".")
    # Ask the finders: importlib.util.find_spec would import the parent packages.
    found = (finder.find_spec(top, None) for finder in sys.meta_path)
    spec = next((each for each in found if each is not None), None)
    places = spec.submodule_search_locations if spec is not None else None
    folders = (Path(place, *rest) for place in places or ())
    return next((folder for folder in folders if folder.is_dir()), None)


def packs_from(value: str) -> tuple[Path, ...]:
    """The folders in a `TFEXAM_BANK` value, split at the system's path separator."""
    return tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part)
