"""Opens the app, from `tfexam`, `tfexam exam` and `tfexam practice` alike."""

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from exam_bank.printable import printable
from tui.commands.options import settings_of
from tui.limits import need_threads

if TYPE_CHECKING:
    from engine.settings import Settings
    from tui.start import Start

_F = TypeVar("_F", bound=Callable[..., Any])


def need_terminal() -> None:
    """Refuse where there is no terminal; asked before Textual is imported, which would hang.

    Raises a usage error that names what works without one.
    """
    from tui.terminal import missing

    if name := missing():
        raise click.UsageError(
            f"The app needs a terminal, and standard {name} is none. "
            "To grade a model without one: tfexam grade PATH"
        )


def open_app(ctx: click.Context) -> None:
    """The app on its home screen, or in the sitting that is open."""
    need_terminal()
    from tui.start import Home, Resume

    settings = settings_of(ctx)
    found = None
    if settings.has_sittings:
        from engine.clock import SystemClock
        from engine.sitting.store.history import open_sitting

        found = open_sitting(settings, SystemClock())
    run_app(settings, Home() if found is None else Resume(Path(found.folder)))


def need_no_running_clock(settings: "Settings", beside: bool) -> None:
    """Refuse to start something new while the clock of a sitting runs, unless told to.

    Raises a usage error that names the sitting and what is left of its time.
    """
    from engine.clock import SystemClock
    from engine.sitting.store.history import sittings
    from tui.text.format import spent_text

    for each in () if beside else sittings(settings, SystemClock()):
        if each.phase == "running" and each.time_left > 0:
            raise click.UsageError(
                f"The {each.kind} {printable(each.id)} is running, "
                f"{spent_text(each.time_left)} are left. "
                "To go on with it: tfexam. To start another beside it: add --new."
            )


def new_option(command: "_F") -> "_F":
    """The option `--new`, given to the command as `beside`."""
    return click.option(
        "--new", "beside", is_flag=True, help="Start even while another sitting's clock runs."
    )(command)


def run_app(settings: "Settings", start: "Start") -> None:
    """Run the app until it is left; an app that failed ends the process with its status.

    What is made on the way to the first paint stays, so garbage is looked for only after it
    (`ExamApp.on_mount`). On the way out it is none of our business any more: Python would go
    through all objects three times, which is most of what leaving takes.
    """
    need_threads()
    gc.disable()  # until `ExamApp.on_mount`
    from engine.clock import SystemClock
    from tui import app

    status = app.run(settings, SystemClock(), start)
    gc.freeze()
    if status:
        sys.exit(status)
