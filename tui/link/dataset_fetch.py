"""Fetches several data sets at once for the data screen; one that fails does not stop the others.

Some come from slow mirrors, so a few are fetched side by side; more would only share the line.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.errors import TfexamError
from tui.link import messages

if TYPE_CHECKING:
    from tui.link.background_job import BackgroundJob
    from tui.link.services import Services

_AT_ONCE = 3


def fetch_all(job: BackgroundJob, names: Sequence[str], services: Services) -> messages.Fact:
    """Fetch `names`, and post the progress and the outcome of each; returns once all are over."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        waiting.put(name)

    def work() -> None:
        with contextlib.suppress(queue.Empty):
            while not job.cancel.is_set():
                job.tell(_fetched(job, waiting.get_nowait(), services))

    # Daemons, as the job itself: leaving must not wait for a slow mirror.
    others = [
        threading.Thread(target=work, name="fetch", daemon=True)
        for _ in range(min(_AT_ONCE, len(names)) - 1)
    ]
    started = []
    for thread in others:
        with contextlib.suppress(RuntimeError):  # no thread to be had: the rest does it all
            thread.start()
            started.append(thread)
    work()
    for thread in started:
        thread.join()
    return messages.FetchesDone()


def _fetched(job: BackgroundJob, name: str, services: Services) -> messages.Fact:
    """The outcome of one data set."""
    try:
        services.data().fetch(name, job.moved, job.cancel)
    except TfexamError as error:
        return messages.FetchFailed(name, error)
    except Exception as error:  # the boundary: nobody would see a thread's fault
        return messages.FetchFailed(name, job.unexpected(error))
    return messages.DataFetched(name)
