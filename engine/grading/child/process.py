"""What every grading process does about itself: whom it answers, when it dies, how it waits.

It answers on what was its stdout; whatever Python and TensorFlow print goes to its log. It
dies with its parent: the kernel sees to it on Linux, the end of stdin elsewhere.
"""

import contextlib
import os
import select
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

from engine.grading import wire
from exam_bank.platform.thread_start import refuse_dead_threads

Say = Callable[[wire.News], None]


def answer_channel() -> Say:
    """Keep stdout for answers, and let all that Python and TensorFlow print go to the log."""
    channel = os.dup(1)
    os.dup2(2, 1)

    def say(news: wire.News) -> None:
        left = memoryview(wire.write(news))
        while left:
            left = left[os.write(channel, left) :]

    return say


def idle() -> bool:
    """Whether no job has come yet; where one cannot look, as on Windows, none has."""
    try:
        return not select.select([0], [], [], 0)[0]
    except OSError:
        return True


def read_line() -> bytes:
    """One line of stdin, read without a buffer; empty when the parent is gone."""
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = os.read(0, 65536)
        if not chunk:
            return b""
        line += chunk
    return bytes(line)


def leave_when_stdin_ends() -> None:
    """Exit, from now on, as soon as the app closes its end.

    Raises `RuntimeError` where no thread can be had: that is no time of the candidate's.
    """
    refuse_dead_threads()
    threading.Thread(target=_watch_stdin, daemon=True).start()


def leave(status: int) -> NoReturn:
    """Exit without waiting for TensorFlow's threads or for anything a model left behind."""
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _watch_stdin() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 65536):
            pass
    leave(3)
