"""The terminal around the app: whether there is one, its size, and the words on leaving."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from exam_bank.platform.terminal import places_cursor
from tui.locale import N_, _
from tui.text.format import clock_text

if TYPE_CHECKING:
    from engine.sitting.store.history import Summary

# textual-serve sets this for the app it runs.
WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
# Rich and Textual draw on neither.
_DUMB = ("dumb", "unknown")
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
    """Whether the terminal has no cursor to place: TERM says so itself, or by terminfo(5)."""
    term = os.environ.get("TERM", "")
    return not in_browser() and (term.lower() in _DUMB or not places_cursor(term))


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
