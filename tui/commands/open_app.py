"""Opens the app, from `tfexam`, `tfexam exam` and `tfexam practice` alike."""

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.files import in_the_way
from exam_bank.printable import printable
from tui.commands.options import settings_of
from tui.limits import need_threads
from tui.locale import _

if TYPE_CHECKING:
    from engine.settings import Settings
    from tui.start import Start

_F = TypeVar("_F", bound=Callable[..., Any])


def need_terminal() -> None:
    """Refuse if there is no terminal that can show the app; called before Textual is imported.

    Textual would hang without a terminal. Raises a usage error that says what to do.
    """
    from tui.terminal import is_dumb, missing

    if name := missing():
        raise click.UsageError(
            _(
                "The app needs a terminal, but standard {name} is not one. "
                "To grade a model without one: tfexam grade PATH"
            ).format(name=_(name))
        )
    if is_dumb():
        raise click.UsageError(
            _(
                "This terminal cannot place a cursor (TERM={term}), so the app cannot be shown. "
                "Use another terminal, or set TERM to what yours is, such as xterm-256color."
            ).format(term=printable(os.environ.get("TERM", "")))
        )


def open_app(ctx: click.Context) -> None:
    """Open the app on its home screen, or in the open sitting."""
    need_terminal()
    from tui.start import Home, Resume

    settings = settings_of(ctx)
    found = None
    if settings.has_sittings:
        from engine.clock import SystemClock
        from engine.sitting.store.history import open_sitting

        found = open_sitting(settings, SystemClock())
    else:
        need_home(settings)
    run_app(settings, Home() if found is None else Resume(Path(found.folder)))


def need_home(settings: "Settings") -> None:
    """Raise `WorkspaceError` where no sitting can be kept."""
    if in_the_way(settings.sittings_folder) is not None:
        from engine.sitting.store.record import kept_sittings

        kept_sittings(settings.sittings_folder)


def need_no_running_clock(settings: "Settings", beside: bool) -> None:
    """Refuse to start something new while a sitting's clock is running, unless told to.

    Raises a usage error that names the sitting and the time left, and `WorkspaceError` where no
    sitting can be kept.
    """
    need_home(settings)
    from engine.clock import SystemClock
    from engine.sitting.store.history import sittings
    from tui.commands.history import KINDS
    from tui.text.format import spent_text

    for each in () if beside else sittings(settings, SystemClock()):
        if each.phase == "running" and each.time_left > 0:
            raise click.UsageError(
                _(
                    "The {kind} {name} is running, {left} left. "
                    "To resume it: tfexam. To start another beside it: add --new."
                ).format(
                    kind=_(KINDS[each.kind]),
                    name=printable(each.id),
                    left=spent_text(each.time_left),
                )
            )


def new_option(command: "_F") -> "_F":
    """The option `--new`, passed to the command as `beside`."""
    return click.option(
        "--new", "beside", is_flag=True, help="Start even while another sitting's clock runs."
    )(command)


def run_app(settings: "Settings", start: "Start") -> None:
    """Run the app until it ends; if it failed, exit with its status.

    What is made before the first paint stays alive, so the garbage collector starts only after
    it (`ExamApp.on_mount`). On the way out all objects are frozen: Python would otherwise go
    through them three times, which is most of the time that leaving takes.
    """
    need_threads()
    gc.disable()  # until `ExamApp.on_mount`
    from engine.clock import SystemClock
    from tui import app

    status = app.run(settings, SystemClock(), start)
    gc.freeze()
    if status:
        sys.exit(status)
