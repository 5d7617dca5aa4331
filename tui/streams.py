"""The standard streams of a command: nothing goes out through them that steers a terminal.

A command says file names, titles of packs and settings of others in a hundred places, and
click says what was typed. One place that all of it goes through cannot be forgotten. JSON
passes unchanged: its writers escape what is not printable.
"""

import contextlib
import io
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from exam_bank.printable import printable_lines


class PrintableStream:
    """A text stream that shows only what is printable; `beneath` is the stream it writes to."""

    def __init__(self, beneath: TextIO) -> None:
        self.beneath = beneath

    def write(self, text: str) -> int:
        """Write `text` as it is safe to show; answers its length."""
        self.beneath.write(printable_lines(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":  # click would write past us where the locale is ASCII
            raise AttributeError(name)
        return getattr(self.beneath, name)


@contextlib.contextmanager
def printable_streams() -> Iterator[None]:
    """Let what is written to stdout and stderr be printable, until the context is left."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _wrapped(before[0]), _wrapped(before[1])
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def beneath(stream: TextIO) -> TextIO:
    """The stream itself, for what moves the cursor on purpose and cleans its own text."""
    return stream.beneath if isinstance(stream, PrintableStream) else stream


def _wrapped(stream: TextIO) -> TextIO:
    if stream is None or isinstance(stream, PrintableStream):  # None: a process without streams
        return stream
    if isinstance(stream, io.TextIOWrapper):
        # A sign that the locale lacks is "?": better than to end in the middle of a list.
        stream.reconfigure(errors="replace")
    wrapped: Any = PrintableStream(stream)
    return wrapped  # type: ignore[no-any-return]
