"""A real terminal around a real tfexam: a pty, and what a person would see in it.

A thread reads the pty all the time, since an app whose terminal is not read stands still;
pyte turns what it reads into a screen. Waiting is for something to be seen, never for a
time to pass.
"""

import os
import re
import select
import signal
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

import pexpect
import pyte

from tests.e2e.waiting import LOOK_SECONDS, Screen

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "f1": "\x1bOP",
    "ctrl+p": "\x10",
    "ctrl+q": "\x11",
}
# Textual asks for Kitty's keyboard protocol, whose sequences pyte would print as text.
_ENVIRONMENT = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "TEXTUAL_DISABLE_KITTY_KEY": "1",
}
# What the tests were started in may claim a size of its own (pytest-xdist does), which programs
# believe before they ask the pty.
NOT_INHERITED = {"COLUMNS", "LINES"}
_KITTY = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]")
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_STYLE = re.compile(rb"\x1b\[([0-9;]*)m")
_LONGEST_SEQUENCE = 64
# The cursor is seen and lines wrap in a terminal as it is; every other mode is off.
_USUAL = {"25", "7"}
_LINE_FLAGS = {"echo": termios.ECHO, "lines": termios.ICANON, "signals": termios.ISIG}


class Terminal(Screen):
    """A program in a pty of its own, from its start until it is left or killed."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: str,
        columns: int = 120,
        lines: int = 40,
    ) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._modes: dict[str, bool] = {}
        self._tail = b""
        self.left_behind: list[str] = []
        # Every line that the screen ever had.
        self.shown: set[str] = set()
        # Every code that its text was ever styled with (SGR).
        self.styles: set[int] = set()
        self._may_read = threading.Event()
        self._may_read.set()
        self._hangs_up = False
        kept = {key: value for key, value in environment.items() if key not in NOT_INHERITED}
        self._child = pexpect.spawn(
            command[0],
            list(command[1:]),
            env=kept | _ENVIRONMENT,
            cwd=folder,
            dimensions=(lines, columns),
            timeout=None,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The program's process id."""
        return int(self._child.pid)

    @property
    def runs(self) -> bool:
        """Whether the program has not ended yet."""
        return self._reader.is_alive()

    @property
    def is_taken(self) -> bool:
        """Whether the program has changed a mode of the terminal."""
        return bool(self._modes)

    def screen(self) -> str:
        """What is on the screen now, its lines without the blanks at their ends."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, by name or as the letter they are."""
        for key in keys:
            self._child.send(KEYS.get(key, key))

    def leave(self, timeout: float = 30) -> int:
        """Wait until the program has ended by itself; its exit status, negative for a signal.

        `left_behind` names then what of the terminal it has not put back as it was.
        """
        self._reader.join(timeout)
        if self._reader.is_alive():
            raise AssertionError(f"the program is still there:\n{self.screen()}")
        self.left_behind = self._left_behind()
        self._child.close()
        if self._child.exitstatus is not None:
            return int(self._child.exitstatus)
        return -int(self._child.signalstatus or 0)

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size, as a window manager does."""
        with self._lock:
            self._screen.resize(lines, columns)
        self._child.setwinsize(lines, columns)

    @contextmanager
    def unread(self) -> Iterator[None]:
        """Read nothing meanwhile, like a terminal that was stopped with ctrl+s."""
        self._may_read.clear()
        try:
            yield
        finally:
            self._may_read.set()

    def hang_up(self, timeout: float = 30) -> None:
        """Close the terminal under the program, and wait until the program has ended."""
        self._hangs_up = True
        self._reader.join(timeout)
        deadline = time.monotonic() + timeout
        while self._child.isalive():
            if time.monotonic() > deadline:
                raise AssertionError("the program outlives its terminal")
            time.sleep(LOOK_SECONDS)

    def kill(self) -> None:
        """End the program as a power cut does."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._reader.join(10)
        self._child.close(force=True)

    def _read(self) -> None:
        # Not pexpect's expect(): it would keep all that the app ever drew.
        while True:
            self._may_read.wait()
            if self._hangs_up:
                os.close(self._child.child_fd)
                self._child.child_fd, self._child.closed = -1, True
                return
            # A read that waited for an app at rest would not see that it is to hang up.
            if not select.select([self._child.child_fd], [], [], LOOK_SECONDS)[0]:
                continue
            try:
                data = os.read(self._child.child_fd, 65536)
            except OSError:  # how Linux says that the other end is closed
                return
            if not data:
                return
            with self._lock:
                self._stream.feed(_KITTY.sub(b"", data))
                self._note_sequences(data)
                self._note_lines()

    def _note_lines(self) -> None:
        screen = self._screen
        for number in screen.dirty:
            cells = screen.buffer[number]
            self.shown.add("".join(cells[at].data for at in range(screen.columns)).rstrip())
        screen.dirty.clear()

    def _note_sequences(self, data: bytes) -> None:
        # A sequence may come in two parts; to hear one twice changes nothing.
        data = self._tail + data
        self._tail = data[-_LONGEST_SEQUENCE:]
        for codes in _STYLE.findall(data):
            self.styles |= {int(code) for code in codes.split(b";") if code}
        for numbers, what in _MODE.findall(data):
            for number in numbers.decode().split(";"):
                self._modes[number] = what == b"h"

    def _left_behind(self) -> list[str]:
        modes = [f"mode {n}" for n, on in self._modes.items() if on != (n in _USUAL)]
        flags = termios.tcgetattr(self._child.child_fd)[3]
        return modes + [f"no {name}" for name, flag in _LINE_FLAGS.items() if not flags & flag]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._reader.is_alive():
            self.kill()
