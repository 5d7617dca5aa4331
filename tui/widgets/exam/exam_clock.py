"""The exam clock: time left as H:MM:SS, in large block figures if there is room.

It does not count: it shows the time of the last tick. When time runs low it says so in words
as well as colour; it never blinks.
"""

import math

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from tui.locale import N_, _
from tui.text.block_digits import block_digits
from tui.text.format import clock_text

LOW = 30 * 60
URGENT = 5 * 60

_WORDS = (
    (0, N_("time is up")),
    (60, N_("last minute")),
    (URGENT, N_("under 5 minutes left")),
    (10 * 60, N_("under 10 minutes left")),
    (LOW, N_("under 30 minutes left")),
    (60 * 60, N_("under 60 minutes left")),
)


def words_for(time_left: float, whole: float = math.inf) -> str:
    """The clock's words beside the time, untranslated; a mark at the `whole` time says nothing."""
    marks = ((limit, words) for limit, words in _WORDS if limit < whole)
    return next((words for limit, words in marks if time_left <= limit), N_("time left"))


def is_low(time_left: float, whole: float = math.inf) -> bool:
    """Whether little of the `whole` time is left."""
    return time_left <= (LOW if whole > LOW else URGENT)


def clock_tone(time_left: float, whole: float = math.inf) -> str:
    """The style of a clock that shows so many seconds of the `whole` time."""
    if time_left <= URGENT:
        return "$text-error"
    return "$text-warning" if is_low(time_left, whole) else ""


class ExamClock(Horizontal):
    """Shows the time last given to `show`."""

    DEFAULT_CSS = """
    ExamClock {
        width: auto;
        height: 1;
        .words { width: auto; color: $text-muted; padding: 0 1; }
        .line { width: auto; text-style: bold; }
        .digits { display: none; width: auto; height: 3; }
        &.-low .words, &.-low .line, &.-low .digits { color: $text-warning; }
        &.-urgent .words, &.-urgent .line, &.-urgent .digits { color: $text-error; }
        &.-paused .line, &.-paused .digits { color: $text-muted; }
    }
    """

    def compose(self) -> ComposeResult:
        """Words, then the time in one of two sizes."""
        yield Static(classes="words")
        yield Static(classes="line")
        yield Static(classes="digits", markup=False)

    def show(self, time_left: float, *, paused: bool = False, whole: float = math.inf) -> None:
        """Show `time_left` seconds of the `whole` time."""
        figure = clock_text(time_left)
        _write(self.query_one(".line", Static), figure)
        _write(self.query_one(".digits", Static), "\n".join(block_digits(figure)))
        words = _("paused") if paused else _(words_for(time_left, whole))
        _write(self.query_one(".words", Static), words)
        self.set_class(paused, "-paused")
        self.set_class(not paused and time_left > URGENT and is_low(time_left, whole), "-low")
        self.set_class(not paused and time_left <= URGENT, "-urgent")


def _write(line: Static, text: str) -> None:
    """Write `text` to `line`; lay out the screen again only if its width changes.

    The clock changes every second, and layout costs more than all the rest.
    """
    before = str(line.content)
    if text != before:
        line.update(text, layout=_width(text) != _width(before))


def _width(text: str) -> int:
    return cell_len(text.partition("\n")[0])
