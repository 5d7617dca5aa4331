"""Hears that the app is to leave: a signal, or a terminal that is gone where no signal tells.

Linux tells of the end of a terminal only the leader of its session. A leader that only waits, as
`make exam` does in a window of its own, tells nobody else: the app would stay unseen,
hold its sitting, and read the end of its input again and again.
"""

import asyncio
import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable

Stop = Callable[[], None]

# Windows sends SIGBREAK for ctrl+break, and knows no SIGHUP: it ends the process with its window.
_LEAVE = ("SIGTERM", "SIGHUP", "SIGBREAK")


def when_told_to_leave(heard: Callable[[], None]) -> Stop:
    """Call `heard` in the running loop at each signal to leave, and when the terminal is gone.

    What it returns ends that.
    """
    numbers = [number for name in _LEAVE if (number := getattr(signal, name, None)) is not None]
    stops = [*(_on_signal(each, heard) for each in numbers), _when_gone(heard)]

    def stop() -> None:
        while stops:
            stops.pop()()

    return stop


def _on_signal(number: signal.Signals, heard: Callable[[], None]) -> Stop:
    loop = asyncio.get_running_loop()
    # Not every loop and thread can have signal handlers.
    with contextlib.suppress(RuntimeError, ValueError):
        try:
            loop.add_signal_handler(number, heard)
        except NotImplementedError:  # Windows: the loop is only woken by `call_soon_threadsafe`
            before = signal.signal(number, lambda *_: _soon(loop, heard))
            return lambda: _ignored(signal.signal(number, before))
        return lambda: _ignored(loop.remove_signal_handler(number))
    return _nothing


def _soon(loop: asyncio.AbstractEventLoop, heard: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(heard)


def _ignored(_: object) -> None:
    pass


def _when_gone(heard: Callable[[], None]) -> Stop:
    """Call `heard`, once, when the terminal on stdin is gone; Linux only."""
    if sys.platform == "linux" and sys.__stdin__ is not None:
        with contextlib.suppress(OSError, ValueError, NotImplementedError):
            terminal = sys.__stdin__.fileno()
            if os.isatty(terminal):
                return _watched(terminal, heard)
    return _nothing


if sys.platform == "linux":

    def _watched(terminal: int, heard: Callable[[], None]) -> Stop:
        loop, poll = asyncio.get_running_loop(), select.epoll()

        def stop() -> None:
            if not poll.closed:
                loop.remove_reader(poll.fileno())
                poll.close()

        def gone() -> None:
            stop()
            heard()

        # Of its end a file tells also who asks for no event (epoll_ctl(2)); keys are Textual's.
        poll.register(terminal, 0)
        loop.add_reader(poll.fileno(), gone)
        return stop


def _nothing() -> None:
    pass
