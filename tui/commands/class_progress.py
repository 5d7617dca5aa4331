"""How far the grading of a class is: one line on stderr, without anybody's name.

On a terminal the line is rewritten; a log gets a new one now and then.
"""

import sys
from typing import TYPE_CHECKING

import click

from engine.clock import Clock, Instant, SystemClock
from tui.locale import _
from tui.streams import beneath

if TYPE_CHECKING:
    from engine.classroom.run import ClassProgress

# Seconds between two lines, on a terminal and in a log.
OFTEN, SELDOM = 0.2, 15.0
_ERASE_REST = "\x1b[K"


class ProgressLine:
    """Says how many files were found, then how many are graded, how fast, and for how long."""

    def __init__(self, clock: Clock | None = None, *, terminal: bool | None = None) -> None:
        self._clock = clock or SystemClock()
        self._terminal = sys.stderr.isatty() if terminal is None else terminal
        self._said: Instant | None = None
        self._began: Instant | None = None
        self._paced = 0
        self._shown = ""

    def looking(self, files: int) -> None:
        """Note that so many files are found."""
        self._say(_("Looking for files: {n}").format(n=files))

    def reading(self, done: int, files: int) -> None:
        """Note how many files' weights are read to be compared."""
        text = _("Comparing weights: {done} of {files} files").format(done=done, files=files)
        self._say(text, now=done == files)

    def diagnosed(self, done: int, files: int) -> None:
        """Note for how many files common mistakes were tried."""
        text = _("Looking for common mistakes: {done} of {files} files")
        self._say(text.format(done=done, files=files), now=done == files)

    def graded(self, progress: "ClassProgress") -> None:
        """Note how far the grading is."""
        is_first, moment = self._began is None, self._clock.now()
        if self._began is None or not progress.graded:
            self._began = moment
        elif not self._paced:  # what comes before the first grade is not the files' pace
            self._began, self._paced = moment, progress.graded
        text = progress_text(progress, progress.graded - self._paced, moment.since(self._began))
        self._say(text, now=is_first or progress.done == progress.files)

    def end(self) -> None:
        """Leave the line as it is; what follows begins a new one."""
        if self._terminal and self._shown:
            click.echo(err=True)
        self._shown = ""

    def _say(self, text: str, *, now: bool = False) -> None:
        moment = self._clock.now()
        pause = OFTEN if self._terminal else SELDOM
        if text == self._shown or not (
            now or self._said is None or moment.since(self._said) >= pause
        ):
            return
        self._said = moment
        if self._terminal:
            stream = beneath(sys.stderr)
            stream.write(f"\r{text}{_ERASE_REST}")
            stream.flush()
        else:
            click.echo(text, err=True)
        self._shown = text


def progress_text(progress: "ClassProgress", graded: int, seconds: float) -> str:
    """The line: how many of how many; then rate and time left, by those `graded` in `seconds`."""
    text = _("{done} of {files} files").format(done=progress.done, files=progress.files)
    if not graded or seconds <= 0 or not progress.waiting:
        return text
    rate = graded / seconds
    speed = _("{rate} a second").format(rate=f"{rate:.2g}")
    remaining = _("about {time} left").format(time=_clock_time(progress.waiting / rate))
    return f"{text} · {speed} · {remaining}"


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
