"""A program in tmux, as on a remote machine: keys by name, a mouse, and what the pane shows.

The mouse is the one of a terminal: SGR sequences (1006), at places that are looked up in
the text of the pane, so that a click is on what a person would click on.
"""

import os
import re
import shlex
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.cells import cell_len

from tests.e2e.terminal import NOT_INHERITED
from tests.e2e.waiting import LOOK_SECONDS, Screen

PROGRAM = shutil.which("tmux")
SIZE = (120, 40)
_SECONDS = 30
_LEFT_BUTTON = 0
_WHEEL = {"up": 64, "down": 65}
_TRUE_COLOUR = "truecolor"
# tmux hears of a program's end only where it was started with SIGCHLD as usual.
_TELLING = '"$@"; echo $? > "$0.part"; mv "$0.part" "$0"'


class Tmux(Screen):
    """A tmux server of its own with one pane, which stays after the program has ended."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        size: tuple[int, int] = SIZE,
        true_colour: bool = True,
    ) -> None:
        """Without `true_colour` the program hears of 256 colours, as over most ssh connections."""
        assert PROGRAM is not None
        self._name = f"tfexam-{uuid.uuid4().hex[:8]}"
        self._environment = {
            **{name: value for name, value in environment.items() if name not in NOT_INHERITED},
            "COLORTERM": _TRUE_COLOUR if true_colour else "",
            "TMUX_TMPDIR": os.environ.get("TMUX_TMPDIR", "/tmp"),
            "TERM": "xterm-256color",
        }
        self._status = folder / f"{self._name}.status"
        told = ["sh", "-c", _TELLING, str(self._status), *command]
        columns, lines = map(str, size)
        # Set before the program starts, which else might end before its pane is told to stay.
        first = ["start-server", ";", "set-option", "-g", "remain-on-exit", "on", ";"]
        first += ["set-option", "-g", "default-terminal", "tmux-256color", ";"]
        session = ["new-session", "-d", "-x", columns, "-y", lines, "-c", str(folder)]
        self._tmux(*first, *session, shlex.join(told))

    # -- what is seen -------------------------------------------------------------------

    @property
    def runs(self) -> bool:
        """Whether the program has not ended yet."""
        return not self._status.exists()

    def screen(self) -> str:
        """What the pane shows now."""
        shown = self._tmux("capture-pane", "-p")
        return "\n".join(line.rstrip() for line in shown.split("\n"))

    def colours(self) -> set[str]:
        """How the colours on the pane are told: "2" in full, "5" as one of 256."""
        shown = self._tmux("capture-pane", "-p", "-e")
        return set(re.findall(r"[34]8;([25]);", shown))

    def wait_until_left(self) -> int:
        """Wait for the program's end; its exit status."""
        self.wait_until(lambda _: not self.runs, "its end")
        return int(self._status.read_text())

    # -- what is done -------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys one after the other, by tmux' names."""
        self._tmux("send-keys", *keys)

    def click(self, wanted: str, timeout: float = 60) -> None:
        """Press and release the left button on the first place where `wanted` is seen.

        Where the regular expression has a group, on the beginning of that.
        """
        before = None
        while (place := self._place(wanted, timeout)) != before:  # as long as things move
            before = place
            time.sleep(LOOK_SECONDS)
        column, row = place
        for end in "Mm":
            self._send(f"\x1b[<{_LEFT_BUTTON};{column};{row}{end}")

    def scroll(self, wanted: str, towards: str = "down") -> None:
        """Turn the wheel by one notch over the place where `wanted` is seen."""
        column, row = self._place(wanted, _SECONDS)
        self._send(f"\x1b[<{_WHEEL[towards]};{column};{row}M")

    def _place(self, wanted: str, timeout: float) -> tuple[int, int]:
        """Column and line where `wanted` is seen, counted from 1 as terminals do."""
        text = self.wait_for(wanted, timeout)
        found = re.search(wanted, text)
        assert found is not None
        before = text[: found.start(1 if found.re.groups else 0)]
        return cell_len(before.rpartition("\n")[2]) + 1, before.count("\n") + 1

    def _send(self, sequence: str) -> None:
        self._tmux("send-keys", "-H", *(f"{byte:x}" for byte in sequence.encode()))

    # -- tmux itself --------------------------------------------------------------------

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            [PROGRAM or "tmux", "-u", "-L", self._name, "-f", os.devnull, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
        return done.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tmux("kill-server")
