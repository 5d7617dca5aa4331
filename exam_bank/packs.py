"""Packs: folders of tasks besides the built-in ones, named by the person or by a package.

An installed package offers one by an entry point of the group `tfexam.bank`, whose value
is the package (`my_pack`, `my_pack.tasks`) that the folder belongs to. It is found, never
imported: listing tasks must not run a stranger's code, nor wait for it.
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
    """A folder that task folders lie in, and whoever offers it, as errors name them."""

    folder: Path
    offered_by: str
    fix: str


def named(folder: Path) -> Pack:
    """The pack that a person named by TFEXAM_BANK."""
    fix = phrase(
        "TFEXAM_BANK names the folder that holds task folders, not a single task's folder."
    )
    return Pack(folder, "TFEXAM_BANK", fix)


def installed() -> Iterator[Pack | TaskFileError]:
    """The packs of installed packages by name; a fault for each that cannot be found."""
    from importlib import metadata  # a tenth of the app's start, and seldom asked for

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
    # Only the finders: importlib.util.find_spec would import what `top` is within.
    found = (finder.find_spec(top, None) for finder in sys.meta_path)
    spec = next((each for each in found if each is not None), None)
    places = spec.submodule_search_locations if spec is not None else None
    folders = (Path(place, *rest) for place in places or ())
    return next((folder for folder in folders if folder.is_dir()), None)


def packs_from(value: str) -> tuple[Path, ...]:
    """The folders that a `TFEXAM_BANK` value names, parted by the system's path separator."""
    return tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part)
