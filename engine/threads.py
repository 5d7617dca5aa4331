"""Blocking work off the event loop, in threads that never hold up quitting.

`asyncio.to_thread` uses a pool whose threads are joined at exit: one that hangs on a
dead network drive would keep the app from quitting. A daemon thread is simply abandoned.
The pool also starts threads only on demand, when the system may refuse them; work that
must not fail then keeps a thread of its own from the start.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")

# How often a waiting task checks for a result it was not notified of.
_LOOK_SECONDS = 1.0


async def in_daemon_thread(work: Callable[[], Result]) -> Result:
    """Return or raise what `work` does; on cancellation, `work` runs on unattended.

    Raises `RuntimeError` if the system refuses a thread.
    """
    thread = KeptThread(f"tfexam {work.__qualname__}")
    try:
        return await thread.do(work)
    finally:
        thread.stop()


class KeptThread:
    """One long-lived daemon thread that does one piece of work after another.

    Not safe for two tasks at once.
    """

    def __init__(self, name: str) -> None:
        """The thread starts with `start` or the first `do`."""
        self._name = name
        self._thread: threading.Thread | None = None
        self._pieces: queue.SimpleQueue[_Piece[Any] | None] = queue.SimpleQueue()

    def start(self) -> None:
        """Start the thread if it does not run; raises `RuntimeError` if the system refuses."""
        if self._thread is None or not self._thread.is_alive():
            # A new queue: the old one may still hold work that a dead thread never reached.
            pieces: queue.SimpleQueue[_Piece[Any] | None] = queue.SimpleQueue()
            thread = threading.Thread(target=_work, args=(pieces,), name=self._name, daemon=True)
            thread.start()
            self._thread, self._pieces = thread, pieces

    def stop(self) -> None:
        """Let the thread end after its current work; does not wait for it."""
        self._pieces.put(None)

    async def do(self, work: Callable[[], Result]) -> Result:
        """Return or raise what `work` does; on cancellation, `work` runs on unattended.

        Raises `RuntimeError` when the thread does not run and cannot be started.
        """
        self.start()
        thread = self._thread
        assert thread is not None
        piece = _Piece(work)
        self._pieces.put(piece)
        while not piece.is_over:
            # The thread normally notifies us; without memory it may be unable to.
            await asyncio.wait([piece.heard], timeout=_LOOK_SECONDS)
            if not (piece.is_over or thread.is_alive()):
                raise RuntimeError(f"the thread {self._name!r} ended in the middle of its work")
        return piece.result()


class _Piece(Generic[Result]):
    """A piece of work: done in the thread, awaited on the event loop."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._loop = asyncio.get_running_loop()
        self._work = work
        self._results: list[Result] = []
        self._fault: Exception | None = None
        self.heard: asyncio.Future[None] = self._loop.create_future()
        self.is_over = False

    def do(self) -> None:
        """In the thread."""
        try:
            self._results.append(self._work())
        except Exception as error:
            self._fault = error
        finally:
            self.is_over = True  # before notifying the loop: that may fail for lack of memory
        # The loop may have been closed meanwhile.
        with contextlib.suppress(RuntimeError, MemoryError):
            self._loop.call_soon_threadsafe(self._hear)

    def result(self) -> Result:
        if self._fault is not None:
            raise self._fault
        return self._results[0]

    def _hear(self) -> None:
        if not self.heard.done():
            self.heard.set_result(None)


def _work(pieces: "queue.SimpleQueue[_Piece[Any] | None]") -> None:
    while (piece := pieces.get()) is not None:
        piece.do()
        del piece  # otherwise it keeps its data alive until the next piece arrives
