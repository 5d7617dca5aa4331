"""Makes `Thread.start` raise when the new thread dies at once; Python's own waits for ever.

A new thread that finds no memory ends before it reports that it has started, and
`Thread.start` waits for that report (python/cpython#140746: 3.11 and later, open). The loop
that started it would hang, and the deadline with it. watchdog, Textual, asyncio and its
pool start threads too, so this fixes every thread of the process, not only ours.

The interpreter keeps a reference to a thread's target until the thread is over. If that
reference goes before the thread has started, it never will; a thread that is merely slow
is waited for.
"""

import threading
import weakref
from functools import partial
from typing import Any

_LOOK_SECONDS = 0.01

_plain_start = threading.Thread.start


def refuse_dead_threads() -> None:
    """Make `Thread.start` raise `RuntimeError` from now on if the thread dies at once.

    Applies to the whole process. Call it when the process begins; calling it again does no
    harm.
    """
    if threading.Thread.start is _plain_start:
        threading.Thread.start = start  # type: ignore[method-assign, assignment]


def start(thread: Any) -> None:
    """Start `thread`; after a `RuntimeError` it can be started again."""
    if thread._started.is_set():
        _plain_start(thread)  # raises: it was started before
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
    """Set when the thread has started; `Thread.start` waits for it, but no longer for ever."""

    def __init__(self, thread: Any, body: "weakref.ref[partial[None]]") -> None:
        super().__init__()
        self._thread, self._body = thread, body
        self._bell = threading.Lock()  # a bare lock: waiting for it takes no memory
        self._bell.acquire()

    def set(self) -> None:
        """Runs in the new thread."""
        super().set()
        self._thread = None
        self._bell.release()

    def wait(self, timeout: float | None = None) -> bool:
        """True once the thread has started; raises `RuntimeError` if it never will."""
        if timeout is not None:
            return super().wait(timeout)
        thread = self._thread
        if thread is not None:
            vars(thread).pop("_bootstrap", None)  # from here on the interpreter alone holds it
        while not self.is_set():
            # Look before `is_set`: a thread may start and end between the two.
            is_gone = self._body() is None
            if is_gone and not self.is_set():
                _forget(thread)
                raise RuntimeError("can't start new thread")
            self._bell.acquire(timeout=_LOOK_SECONDS)
        return True


def _forget(thread: Any) -> None:
    """Undo what `Thread.start` recorded about it, so that it can be started again."""
    with threading._active_limbo_lock:  # type: ignore[attr-defined]
        threading._limbo.pop(thread, None)  # type: ignore[attr-defined]
    handle = getattr(thread, "_os_thread_handle", None)  # Python 3.13 and later
    if handle is not None:
        thread._os_thread_handle = type(handle)()
