"""Blocking work off the event loop, in threads that never hold up quitting.

`asyncio.to_thread` uses a pool whose threads are joined at exit: one that hangs on a
dead network drive would keep the app from ending. A daemon thread is simply left.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


async def in_daemon_thread(work: Callable[[], Result]) -> Result:
    """What `work` returns or raises; when this is cancelled, `work` is left to itself."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Result] = loop.create_future()

    def deliver(put: Callable[[], None]) -> None:
        # The loop may have been closed while `work` went on.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if outcome.done() else put())

    def body() -> None:
        try:
            result = work()
        except Exception as error:
            fault = error
            deliver(lambda: outcome.set_exception(fault))
        else:
            deliver(lambda: outcome.set_result(result))

    threading.Thread(target=body, name=f"tfexam {work.__qualname__}", daemon=True).start()
    return await outcome
