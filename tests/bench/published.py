"""Published Textual apps to stand beside: where they are found, and how to get them.

They are no dependency of ours and each wants a Textual of its own, so each lives in an
environment of its own, outside the repository.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

_LOG_LINES = 1000


class Published(NamedTuple):
    """An app: its name, its program, what pip is asked for, and what it is opened with."""

    name: str
    program: str
    requirements: str
    arguments: Callable[[Path], list[str]]


def _log(folder: Path) -> list[str]:
    file = folder / "lines.log"
    file.write_text("".join(f"line {number}\n" for number in range(_LOG_LINES)))
    return [str(file)]


APPS = (
    # Newer tree-sitters end posting with a segmentation fault.
    Published("posting", "posting", "posting 'tree-sitter==0.25.*'", lambda _: []),
    Published("harlequin", "harlequin", "harlequin", lambda _: []),
    Published("toolong", "tl", "toolong", _log),
)


def found(places: Iterable[str], folder: Path) -> dict[str, list[str]]:
    """The commands of those that are in `places` or on PATH; their files come into `folder`."""
    path = os.pathsep.join([*places, os.environ.get("PATH", "")])
    programs = {each: shutil.which(each.program, path=path) for each in APPS}
    return {
        each.name: [program, *each.arguments(folder)]
        for each, program in programs.items()
        if program is not None
    }


def how_to_get(missing: Iterable[str]) -> str:
    """What to type, a line each."""
    lines = []
    for each in APPS:
        if each.name in missing:
            place = f"/tmp/{each.name}"
            install = f"{place}/bin/pip install {each.requirements}"
            lines.append(f"python3 -m venv {place} && {install}   # --look-in {place}/bin")
    return "\n".join(lines)
