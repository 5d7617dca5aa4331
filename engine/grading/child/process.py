"""What every grading process does for itself: keeps its answer channel, dies in time, waits.

It answers on its original stdout and predicts into a file; whatever Python and TensorFlow print
goes to its log. It dies with its parent: on Linux through the kernel, elsewhere when stdin ends.
"""

import contextlib
import os
import select
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from engine.grading import wire
from exam_bank.platform import disk
from exam_bank.platform.thread_start import refuse_dead_threads

Say = Callable[[wire.News], None]


def answer_channel() -> Say:
    """Reserve stdout for answers, and send all that Python and TensorFlow print to the log."""
    channel = os.dup(1)
    os.dup2(2, 1)

    def say(news: wire.News) -> None:
        write_all(channel, wire.write(news))

    return say


def open_predictions(job_files: Path) -> int:
    """A descriptor that can only append to the file of predictions; the sandbox opens none."""
    path = job_files / wire.PREDICTIONS
    path.touch(mode=0o600)
    return disk.open_only_to_append(path)


def write_all(descriptor: int, content: bytes) -> None:
    """Write it to the last byte."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def idle() -> bool:
    """Whether no job has come yet; assumed where we cannot look, as on Windows."""
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
    """From now on, exit as soon as the app closes its end.

    Raises `RuntimeError` where no thread can start: nothing to blame the candidate for.
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
