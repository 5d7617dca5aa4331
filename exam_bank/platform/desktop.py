"""Finds a person's own programs: the file manager, and the words of an editor's command."""

import shlex
import shutil
import sys
from collections.abc import Callable, Mapping

_OPENERS = {"darwin": "open", "win32": "explorer"}


def file_manager(
    environment: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
    system: str = sys.platform,
) -> str | None:
    """The command that shows a folder; None if there is no desktop."""
    if system in _OPENERS:
        return _OPENERS[system]
    has_desktop = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    return "xdg-open" if has_desktop and which("xdg-open") else None


def words_of(command: str, system: str = sys.platform) -> list[str]:
    r"""The words of a command line; on Windows a backslash is part of a path, not an escape."""
    try:
        if system == "win32":
            return [each.strip('"') for each in shlex.split(command, posix=False)]
        return shlex.split(command)
    except ValueError:  # an unclosed quotation mark
        return command.split()
