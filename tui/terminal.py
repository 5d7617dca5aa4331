"""The terminal around the app: whether there is one, its size, and the words on leaving."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from exam_bank.platform.terminal import places_cursor
from tui.locale import N_, _
from tui.text.format import clock_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.filter import LineFilter

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


def farewell(summaries: Sequence[Summary], last: Path | None) -> str:
    """The words printed on leaving the app: how to resume an open sitting, or nothing.

    `summaries` are all sittings, newest first. It is about the one that was open last, in the
    folder `last`; once that is over, about another, and says so.
    """
    still_open = [each for each in summaries if _can_continue(each)]
    own = next((each for each in still_open if Path(each.folder) == last), None)
    summary = own or next(iter(still_open), None)
    if summary is None:
        return ""
    is_other = own is None and last is not None
    left = clock_text(summary.time_left)
    where = _("Folder: {folder}").format(folder=summary.workspace)
    resumed = next(each for each in summaries if each.is_open)
    how = _("Come back with: tfexam")
    if summary is not resumed:
        how = _("Come back with: tfexam, then History")
    return f"{_(_OPEN[_state(summary), is_other]).format(left=left)}\n{where}\n{how}\n"


_OPEN = {
    ("paused", False): N_("Your practice session is paused with {left} left."),
    ("exam", False): N_("Your exam is open with {left} left, and the clock is running."),
    ("practice", False): N_("Your practice session is open with {left} left."),
    ("paused", True): N_("Another practice session is paused with {left} left."),
    ("exam", True): N_("Another exam is open with {left} left, and its clock is running."),
    ("practice", True): N_("Another practice session is open with {left} left."),
}


def _state(summary: Summary) -> str:
    return "paused" if summary.phase == "paused" else summary.kind


def _can_continue(summary: Summary) -> bool:
    return summary.phase in ("running", "paused") and summary.time_left > 0
