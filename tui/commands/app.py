"""Opens the app, from `tfexam`, `tfexam exam` and `tfexam practice` alike."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commands.options import settings_of

if TYPE_CHECKING:
    from engine.settings import Settings
    from tui.start import Start


def need_terminal() -> None:
    """Refuse where there is no terminal; asked before Textual is imported, which would hang.

    Raises a usage error that names what works without one.
    """
    for stream, name in ((sys.stdin, "input"), (sys.stdout, "output")):
        if stream is None or not stream.isatty():
            raise click.UsageError(
                f"The app needs a terminal, and standard {name} is none. "
                "To grade a model without one: tfexam grade PATH"
            )


def open_app(ctx: click.Context) -> None:
    """The app on its home screen, or in the sitting that is open."""
    need_terminal()
    from engine.clock import SystemClock
    from engine.sitting.history import open_sitting
    from tui.start import Home, Resume

    settings = settings_of(ctx)
    found = open_sitting(settings, SystemClock())
    run_app(settings, Home() if found is None else Resume(Path(found.folder)))


def run_app(settings: "Settings", start: "Start") -> None:
    """Run the app until it is left."""
    from engine.clock import SystemClock
    from tui import app

    app.run(settings, SystemClock(), start)
