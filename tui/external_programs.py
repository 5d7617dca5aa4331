"""Opens a file in the candidate's editor, and a folder in the file manager.

A terminal editor gets the whole terminal, while the app keeps running behind it: the clock
runs, models are submitted and graded. So nothing here waits on the event loop, and no
exception may escape from `App.suspend`, which never recovers from one (Textual #6692).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from engine.errors import TfexamError
from engine.threads import in_daemon_thread
from exam_bank.platform import processes
from exam_bank.platform.desktop import file_manager, words_of
from tui.locale import N_, _

if TYPE_CHECKING:
    from textual.app import App

Which = Callable[[str], str | None]

STARTER = "starter.py"
_USUAL_EDITORS = ("nano", "vim", "vi", "emacs", "notepad")
# Editors that open their own windows: we keep the terminal.
_WINDOWED = {"code", "codium", "cursor", "subl", "gedit", "kate", "gvim", "notepad", "pycharm"}
# A program that runs for longer has worked; xdg-open and others may stay as long as a window.
_FAILS_WITHIN = 2.0  # seconds


class CannotOpenError(TfexamError):
    """Nothing on this machine can open it."""

    title = N_("This cannot be opened from here")


async def open_file(app: App[None], path: Path) -> None:
    """Open `path` in the editor and wait for it; raises `CannotOpenError` with the path."""
    # An editor would show an empty new file, as if all work were lost. In a thread: a network
    # drive may hang.
    if not await in_daemon_thread(path.is_file):
        raise _not_there(path)
    command = editor_command(os.environ)
    if command is None:
        raise _no_editor(path)
    if Path(command[0]).stem.lower() in _WINDOWED:
        await _start(command, path)
        return
    try:
        # A batch paints nothing: the app must not write over the editor.
        with app.batch_update(), app.suspend(), _without_interrupts():
            fault = await _run(command, path)
    except SuspendNotSupported as error:
        raise _no_editor(path) from error
    if fault is not None:
        raise fault


async def open_folder(path: Path) -> None:
    """Show `path` in the file manager; raises `CannotOpenError` if there is none."""
    command = file_manager(os.environ)
    if command is None:
        raise CannotOpenError(
            _("There is no desktop here to show a folder."),
            fix=_("The folder is {path}").format(path=path),
        )
    await _start([command], path)


def editor_command(environment: Mapping[str, str], which: Which = shutil.which) -> list[str] | None:
    """The command of the editor: $VISUAL, $EDITOR, or a common one that is installed."""
    for name in ("VISUAL", "EDITOR"):
        if (named := environment.get(name, "").strip()) and (words := words_of(named)):
            return words
    found = next((each for each in _USUAL_EDITORS if which(each)), None)
    return [found] if found else None


async def _run(command: Sequence[str], path: Path) -> BaseException | None:
    """Run an editor in our terminal until it ends; returns what went wrong, and never raises."""
    try:
        process = await asyncio.create_subprocess_exec(*command, os.fspath(path))
    except OSError as error:
        return _not_started(command[0], error)
    try:
        await process.wait()
    except asyncio.CancelledError as error:  # the app is leaving: it needs its terminal back
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return error
    return None


async def _start(command: Sequence[str], path: Path) -> None:
    """Start a program that opens its own windows."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            os.fspath(path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it stays open when our terminal closes
            creationflags=processes.OWN_GROUP,
        )
    except OSError as error:
        raise _not_started(command[0], error) from error
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_FAILS_WITHIN):
            if await process.wait():
                raise CannotOpenError(
                    _("{command} could not open it.").format(command=command[0]),
                    fix=_("Open it yourself: {path}").format(path=path),
                )


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ignore ctrl+c: pressed in an editor, it reaches the whole process group, us too."""
    try:
        # A handler that does nothing: the editor would inherit SIG_IGN (signal(7)).
        before = signal.signal(signal.SIGINT, lambda *_: None)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _not_there(path: Path) -> CannotOpenError:
    is_starter = path.name == STARTER
    return CannotOpenError(
        _("There is no file {path} any more.").format(path=path),
        fix=_("a → Reset brings it back as it was handed out.") if is_starter else "",
    )


def _no_editor(path: Path) -> CannotOpenError:
    return CannotOpenError(
        _("No editor can be opened from here."),
        fix=_("Open it yourself: {path}").format(path=path),
    )


def _not_started(command: str, error: OSError) -> CannotOpenError:
    said = error.strerror or str(error)
    return CannotOpenError(
        _("{command} cannot be started: {error}.").format(command=command, error=said),
        fix=_("Set EDITOR to the command that starts your editor."),
    )
