"""Takes a sitting over from another tfexam on this machine: that one is asked to end.

It ends as when its terminal is closed: all is written down, and grading goes on here. The lock
decides who has the sitting; its owner's note only says whom to ask, so it is checked first.
"""

import contextlib
import os
import socket
from pathlib import Path

from engine.sitting.store.lock import owner_of

_MODULE = "tui.cli"


def can_take_over(folder: Path) -> bool:
    """Whether the tfexam that has the sitting in `folder` open can be asked to end."""
    return _owner(folder) is not None


def ask_to_end(folder: Path) -> None:
    """Ask it, if it still runs; the lock falls once it has ended."""
    import psutil

    if (pid := _owner(folder)) is not None:
        with contextlib.suppress(psutil.Error):
            psutil.Process(pid).terminate()


def _owner(folder: Path) -> int | None:
    """The process that has the sitting open, if it is another tfexam of ours on this machine."""
    import psutil

    owner = owner_of(folder)
    if owner is None or owner.host != socket.gethostname() or owner.pid == os.getpid():
        return None
    with contextlib.suppress(psutil.Error):
        # A number is given again to another program once its process has ended.
        said = psutil.Process(owner.pid).cmdline()
        is_ours = any(Path(each).stem == "tfexam" or _MODULE in each for each in said)
        return owner.pid if is_ours else None
    return None
