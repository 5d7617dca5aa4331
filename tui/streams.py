"""Filters the standard streams of a command, so that no text can control the terminal.

Commands print file names, pack titles and other people's settings in a hundred places, and
click repeats what was typed. A single place that all of it passes cannot be forgotten. JSON
passes unchanged: its writers escape what is not printable.
"""

import contextlib
import io
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from exam_bank.printable import printable_lines


class PrintableStream:
    """A text stream that shows only printable text; it writes to the stream `beneath`."""

    def __init__(self, beneath: TextIO) -> None:
        self.beneath = beneath

    def write(self, text: str) -> int:
        """Write `text`, made safe to show; returns its length."""
        self.beneath.write(printable_lines(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":  # in an ASCII locale click would bypass us
            raise AttributeError(name)
        return getattr(self.beneath, name)


@contextlib.contextmanager
def printable_streams() -> Iterator[None]:
    """Make stdout and stderr printable streams inside the context."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _wrapped(before[0]), _wrapped(before[1])
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def beneath(stream: TextIO) -> TextIO:
    """The raw stream, for code that moves the cursor on purpose and cleans its own text."""
    return stream.beneath if isinstance(stream, PrintableStream) else stream


def _wrapped(stream: TextIO) -> TextIO:
    if stream is None or isinstance(stream, PrintableStream):  # None: a process without streams
        return stream
    if isinstance(stream, io.TextIOWrapper):
        # A character that the locale lacks becomes "?": better than failing in mid-list.
        stream.reconfigure(errors="replace")
    wrapped: Any = PrintableStream(stream)
    return wrapped  # type: ignore[no-any-return]
