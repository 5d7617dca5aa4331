"""Hears that the terminal is gone where no signal tells.

Linux tells it to the leader of the terminal's session alone. A leader that only waits, as
`make exam` does in a window of its own, tells nobody else: the app would stay unseen,
hold its sitting, and read the end of its input again and again.
"""

import asyncio
import contextlib
import os
import select
import sys
from collections.abc import Callable

Stop = Callable[[], None]


def watch(heard: Callable[[], None]) -> Stop:
    """Call `heard` in the running loop, once, when the terminal on stdin is gone.

    What it returns ends the watch. Where stdin is no terminal, or the system is not Linux,
    nothing is watched.
    """
    if sys.platform != "linux" or sys.__stdin__ is None:
        return _nothing
    with contextlib.suppress(OSError, ValueError, NotImplementedError):
        terminal = sys.__stdin__.fileno()
        if os.isatty(terminal):
            return _watched(terminal, heard)
    return _nothing


def _watched(terminal: int, heard: Callable[[], None]) -> Stop:
    loop, poll = asyncio.get_running_loop(), select.epoll()

    def stop() -> None:
        if not poll.closed:
            loop.remove_reader(poll.fileno())
            poll.close()

    def gone() -> None:
        stop()
        heard()

    # Of its end a file tells also who asks for no event; keys are Textual's to read.
    poll.register(terminal, 0)
    loop.add_reader(poll.fileno(), gone)
    return stop


def _nothing() -> None:
    pass
