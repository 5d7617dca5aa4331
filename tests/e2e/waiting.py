"""Waiting for something to be seen on a screen, whatever the screen is of."""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

LOOK_SECONDS = 0.05


class Screen(ABC):
    """What a person would see of a program, and whether it still runs."""

    @property
    @abstractmethod
    def runs(self) -> bool:
        """Whether the program has not ended yet."""

    @abstractmethod
    def screen(self) -> str:
        """What is on the screen now, its lines without the blanks at their ends."""

    def wait_for(self, wanted: str, timeout: float = 60) -> str:
        """The screen once the regular expression `wanted` is on it.

        Raises `AssertionError` with the screen when it is not there in time, or the
        program ended before.
        """
        return self.wait_until(lambda text: re.search(wanted, text) is not None, wanted, timeout)

    def wait_until(self, seen: Callable[[str], bool], what: str, timeout: float = 60) -> str:
        """The screen once `seen` is true of it."""
        deadline = time.monotonic() + timeout
        while True:
            running = self.runs
            text = self.screen()
            if seen(text):
                return text
            if not running:
                raise AssertionError(f"the program ended before {what!r} was seen:\n{text}")
            if time.monotonic() > deadline:
                raise AssertionError(f"no {what!r} in {timeout} s on:\n{text}")
            time.sleep(LOOK_SECONDS)
