"""Explains in one sentence that the machine has run out of threads, processes, files or memory.

Python would print a traceback from wherever it happened, and Textual would leave the terminal
broken. So threads are tried out beforehand, and later failures are recognised by their error.
The command line imports this module, so it imports nothing heavy.
"""

import errno
import threading

from exam_bank.errors import LimitReached
from exam_bank.phrase import phrase

# What the app runs at once: reading keys, writing, watching, copying, hashing.
_THREADS = 8
_PROCESSES = "This machine lets you start no more processes or threads."
_FIX = "Close other programs of yours, or raise the limit (ulimit -u)."
_FIXES = {
    errno.EMFILE: "Raise the limit of open files (ulimit -n).",
    errno.ENFILE: "Close other programs: too many files are open on this machine.",
    errno.ENOMEM: "Close other programs, or raise the limit of memory (ulimit -v).",
}


def need_threads() -> None:
    """Raise `LimitReached` if not even the app's own threads can be started."""
    end = threading.Event()
    started: list[threading.Thread] = []
    try:
        for _ in range(_THREADS):
            thread = threading.Thread(target=end.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError as error:
        raise LimitReached(_PROCESSES, fix=_FIX) from error
    finally:
        end.set()
        for thread in started:
            thread.join()


def exhaustion(error: BaseException) -> LimitReached | None:
    """`error` as a limit of this machine; None if it is about something else."""
    if isinstance(error, LimitReached):
        return error
    if isinstance(error, MemoryError):
        return LimitReached(phrase("There is not enough memory."), fix=_FIXES[errno.ENOMEM])
    if _is_of_processes(error):
        return LimitReached(_PROCESSES, fix=_FIX)
    if isinstance(error, OSError) and error.errno in _FIXES:
        return LimitReached(f"{error.strerror}.", fix=_FIXES[error.errno])
    return None


def _is_of_processes(error: BaseException) -> bool:
    # Python has no type for it: threads fail with these words, and fork(2) with EAGAIN. A
    # non-blocking file gives EAGAIN too, but then the error has a file name.
    if isinstance(error, RuntimeError):
        return "start new thread" in str(error)
    return isinstance(error, BlockingIOError) and error.filename is None
