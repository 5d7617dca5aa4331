"""Notices that the app must quit: on a signal, or when its terminal vanishes without one.

Linux reports the end of a terminal only to the session leader. One that only waits, such as
`make exam` in its own window, tells nobody else: the app would live on unseen, hold its sitting
open, and read end of file in a loop.
"""

import asyncio
import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable

Stop = Callable[[], None]

_STDOUT = 1
# Windows sends SIGBREAK for ctrl+break and has no SIGHUP: closing the window ends the process.
_LEAVE = ("SIGTERM", "SIGHUP", "SIGBREAK")


def places_cursor(term: str) -> bool:
    """Whether a program can put the cursor where it wants in a terminal of the type `term`.

    What terminfo(5) does not know is taken for one that can: new types come before their entries.
    """
    try:
        import curses
    except ImportError:  # Windows
        return True
    try:
        curses.setupterm(term, _STDOUT)
    except curses.error:
        return True
    return curses.tigetstr("cup") is not None


def when_told_to_leave(heard: Callable[[], None]) -> Stop:
    """Call `heard` in the running loop on each signal to quit, and when the terminal is gone.

    Call what it returns to stop that.
    """
    undo = contextlib.ExitStack()
    for name in _LEAVE:
        number = getattr(signal, name, None)
        if number is not None:
            # Not every loop or thread can handle signals.
            with contextlib.suppress(RuntimeError, ValueError):
                _catch(number, heard, undo)
    if sys.__stdin__ is not None:
        with contextlib.suppress(OSError, ValueError, NotImplementedError):
            terminal = sys.__stdin__.fileno()
            if os.isatty(terminal):
                _watch(terminal, heard, undo)
    return undo.close


def _catch(number: signal.Signals, heard: Callable[[], None], undo: contextlib.ExitStack) -> None:
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(number, heard)
        undo.callback(loop.remove_signal_handler, number)
    except NotImplementedError:  # Windows: a plain handler, which must wake the loop itself
        before = signal.signal(number, lambda *_: loop.call_soon_threadsafe(heard))
        undo.callback(signal.signal, number, before)


def _watch(terminal: int, heard: Callable[[], None], undo: contextlib.ExitStack) -> None:
    """Call `heard` once when `terminal` is gone; Linux only."""
    if sys.platform != "linux":
        return
    loop, poll = asyncio.get_running_loop(), select.epoll()

    def stop() -> None:
        if not poll.closed:
            loop.remove_reader(poll.fileno())
            poll.close()

    def gone() -> None:
        stop()
        heard()

    # epoll always reports a hangup, even for no events (epoll_ctl(2)); Textual reads the keys.
    poll.register(terminal, 0)
    loop.add_reader(poll.fileno(), gone)
    undo.callback(stop)
