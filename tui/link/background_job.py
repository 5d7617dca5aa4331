"""Does long work for a screen in a daemon thread: fetches, hashes or adds data sets.

It does not use the event loop's own pool: leaving would wait for that, and hashing hundreds of
megabytes cannot be interrupted. A job that can stop is asked to, and gets a moment to kill the
package manager it may have started.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

from engine.errors import TfexamError
from tui.link import messages

if TYPE_CHECKING:
    from exam_bank.datasets.fetch import FetchProgress

_LEAVE_SECONDS = 0.5


class BackgroundJob(threading.Thread):
    """Calls `work` with itself, and posts the answer to `node`, or `BackgroundJobFailed`."""

    def __init__(
        self,
        node: MessagePump,
        work: Callable[[BackgroundJob], messages.Fact],
        unexpected: Callable[[BaseException], TfexamError],
        *,
        may_stop: bool = False,
    ) -> None:
        """`may_stop` says that `work` checks `cancel`, so that it is worth waiting for."""
        super().__init__(name="job", daemon=True)
        self.cancel = threading.Event()
        self._node, self._work, self.unexpected = node, work, unexpected
        self._may_stop = may_stop
        self._is_left = False
        self._told: dict[str, tuple[str, str, int]] = {}

    def stop(self) -> None:
        """Ask it to stop, without waiting."""
        self.cancel.set()

    def leave(self) -> None:
        """Ask it to stop, and give it a moment if it can; it posts nothing more."""
        self._is_left = True
        self.cancel.set()
        if self._may_stop:
            self.join(timeout=_LEAVE_SECONDS)

    def run(self) -> None:
        """Do the work, then post the outcome."""
        try:
            fact = self._work(self)
        except TfexamError as error:
            fact = messages.BackgroundJobFailed(error)
        except Exception as error:  # the boundary: nobody would see a thread's fault
            fact = messages.BackgroundJobFailed(self.unexpected(error))
        self.tell(fact)

    def moved(self, progress: FetchProgress) -> None:
        """Post progress, at most a hundred times per file."""
        percent = 100 * progress.done // progress.total if progress.total else 0
        step = (progress.file, progress.source, percent)
        if step != self._told.get(progress.dataset):
            self._told[progress.dataset] = step
            self.tell(messages.FetchMoved(progress))

    def tell(self, fact: messages.Fact) -> None:
        """Post something before the outcome; any thread may."""
        if not self._is_left:
            # `post_message` is thread-safe; `call_from_thread` would wait for the event loop.
            self._node.post_message(fact)
