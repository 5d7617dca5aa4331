"""The terminal around the app: whether there is one, its size, and the words on leaving."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tui.locale import N_, _
from tui.text.format import clock_text

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from engine.sitting.store.history import Summary

# textual-serve sets this for the app it runs.
WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
# A terminal or a page may claim any size, and memory and time grow with the number of cells. No
# display has as many as these; in a window that claims more, only the upper left part is drawn.
LARGEST_COLUMNS, LARGEST_ROWS = 1_000, 400


def in_browser() -> bool:
    """Whether `tfexam serve` runs this process for a browser, so without a terminal."""
    return os.environ.get("TEXTUAL_DRIVER") == WEB_DRIVER


def missing() -> str:
    """Which of "input" and "output" is not a terminal; empty if both are."""
    if in_browser():
        return ""
    streams = {N_("input"): sys.stdin, N_("output"): sys.stdout}
    return next((name for name, each in streams.items() if not each or not each.isatty()), "")


def is_dumb() -> bool:
    """Whether the terminal says that it has no cursor to place: TERM=dumb (terminfo(5))."""
    return not in_browser() and os.environ.get("TERM") == "dumb"


def without_colour() -> bool:
    """Whether no colour is wanted: NO_COLOR is set and not empty (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))


def colour_filter(colour_system: str | None, *, colourless: bool) -> LineFilter | None:
    """What draws with the few colours that the terminal has, or with none; None: it has all."""
    if colourless:
        from tui.colourless_filter import ColourlessFilter

        return ColourlessFilter()
    if colour_system in (None, "truecolor"):
        return None
    from tui.palette_filter import PaletteFilter

    return PaletteFilter(256 if colour_system == "256" else 16)


def bounded(width: int, height: int) -> tuple[int, int]:
    """Columns and rows, capped at what can be drawn."""
    return max(1, min(width, LARGEST_COLUMNS)), max(1, min(height, LARGEST_ROWS))


def farewell(summary: Summary | None) -> str:
    """The words printed on leaving the app: how to resume an open sitting, or nothing."""
    if summary is None or summary.phase not in ("running", "paused") or summary.time_left <= 0:
        return ""
    left = clock_text(summary.time_left)
    if summary.phase == "paused":
        first = _("Your practice session is paused with {left} left.").format(left=left)
    elif summary.kind == "exam":
        first = _("Your exam is open with {left} left, and the clock is running.").format(left=left)
    else:
        first = _("Your practice session is open with {left} left.").format(left=left)
    where = _("Folder: {folder}").format(folder=summary.workspace)
    how = _("Come back with: tfexam")
    return f"{first}\n{where}\n{how}\n"
