"""How a person's own programs are named and found: the file manager, the command of an editor."""

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
    """The command that shows a folder; None where no desktop is at hand."""
    if system in _OPENERS:
        return _OPENERS[system]
    has_desktop = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    return "xdg-open" if has_desktop and which("xdg-open") else None


def words_of(command: str, system: str = sys.platform) -> list[str]:
    r"""The words of a command line; on Windows a backslash is no escape but part of a path."""
    try:
        if system == "win32":
            return [each.strip('"') for each in shlex.split(command, posix=False)]
        return shlex.split(command)
    except ValueError:  # a quotation that never ends
        return command.split()
