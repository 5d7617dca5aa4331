"""Makes the start of a thread that dies at once a refusal; Python's own waits for ever.

A new thread that finds no memory ends before it notes that it began, and `Thread.start`
waits for that note (python/cpython#140746: 3.11 and later, open). The loop that started
it would stand still, and the deadline with it. watchdog, Textual, asyncio and its pool
start threads too, so this is mended for every thread of the process, not for ours alone.

The interpreter holds what a thread is to run until that thread is over. When it lets go
before the thread began, the thread never will; one that is only slow is waited for.
"""

import threading
import weakref
from functools import partial
from typing import Any

_LOOK_SECONDS = 0.01

_plain_start = threading.Thread.start


def refuse_dead_threads() -> None:
    """Let `Thread.start` raise `RuntimeError`, from now on, where the thread dies at once.

    Holds for the whole process; called where it begins, and may be called again.
    """
    if threading.Thread.start is _plain_start:
        threading.Thread.start = start  # type: ignore[method-assign, assignment]


def start(thread: Any) -> None:
    """Start `thread`; it can be started again after this has raised `RuntimeError`."""
    if thread._started.is_set():
        _plain_start(thread)  # which says that it was started before
        return
    body = partial(type(thread)._bootstrap, thread)
    thread._started = _Began(thread, weakref.ref(body))
    thread._bootstrap = body  # what `_plain_start` hands to the interpreter
    del body
    try:
        _plain_start(thread)
    finally:
        vars(thread).pop("_bootstrap", None)


class _Began(threading.Event):
    """Set when the thread has begun; its wait, which is `Thread.start`'s, knows an end."""

    def __init__(self, thread: Any, body: "weakref.ref[partial[None]]") -> None:
        super().__init__()
        self._thread, self._body = thread, body
        self._bell = threading.Lock()  # a bare lock: waiting for it takes no memory
        self._bell.acquire()

    def set(self) -> None:
        """In the new thread."""
        super().set()
        self._thread = None
        self._bell.release()

    def wait(self, timeout: float | None = None) -> bool:
        """True once it has begun; raises `RuntimeError` when it never will."""
        if timeout is not None:
            return super().wait(timeout)
        thread = self._thread
        if thread is not None:
            vars(thread).pop("_bootstrap", None)  # from here on the interpreter alone holds it
        while not self.is_set():
            # Asked before `is_set`: a thread may begin and end between the two.
            is_gone = self._body() is None
            if is_gone and not self.is_set():
                _forget(thread)
                raise RuntimeError("can't start new thread")
            self._bell.acquire(timeout=_LOOK_SECONDS)
        return True


def _forget(thread: Any) -> None:
    """Take back what `Thread.start` noted of it, so that it can be started again."""
    with threading._active_limbo_lock:  # type: ignore[attr-defined]
        threading._limbo.pop(thread, None)  # type: ignore[attr-defined]
    handle = getattr(thread, "_os_thread_handle", None)  # Python 3.13 and later
    if handle is not None:
        thread._os_thread_handle = type(handle)()
