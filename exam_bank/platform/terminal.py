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
    undo = contextlib.ExitStack()
    for name in _LEAVE:
        number = getattr(signal, name, None)
        if number is not None:
            # Not every loop and thread can have signal handlers.
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
    except NotImplementedError:  # Windows: a handler of Python's own, which must wake the loop
        before = signal.signal(number, lambda *_: loop.call_soon_threadsafe(heard))
        undo.callback(signal.signal, number, before)


def _watch(terminal: int, heard: Callable[[], None], undo: contextlib.ExitStack) -> None:
    """Call `heard`, once, when `terminal` is gone; Linux only."""
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

    # Of its end a file tells also who asks for no event (epoll_ctl(2)); keys are Textual's.
    poll.register(terminal, 0)
    loop.add_reader(poll.fileno(), gone)
    undo.callback(stop)
