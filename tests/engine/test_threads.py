import asyncio
import threading
from typing import Any

import pytest

from engine import threads
from engine.threads import KeptThread, in_daemon_thread


@pytest.fixture
def kept() -> Any:
    kept = KeptThread("test")
    yield kept
    kept.stop()


def refuse(*_: object) -> None:
    raise RuntimeError("can't start new thread")


async def test_a_kept_thread_works_on_when_threads_are_refused(
    kept: KeptThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.start()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    names = {await kept.do(lambda: threading.current_thread().name) for _ in range(3)}
    assert names == {"test"}


async def test_what_the_work_raises_is_raised_and_the_thread_goes_on(kept: KeptThread) -> None:
    for fault in (ValueError("one"), MemoryError()):

        def fail(fault: Exception = fault) -> None:
            raise fault

        with pytest.raises(type(fault)):
            await kept.do(fail)
    assert await kept.do(lambda: 7) == 7


async def test_a_refused_thread_is_said_and_tried_again_at_the_next_work(
    kept: KeptThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as refused:
        refused.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            await kept.do(lambda: 1)
    assert await kept.do(lambda: 1) == 1


async def test_a_result_nobody_can_be_told_of_is_found(
    kept: KeptThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_LOOK_SECONDS", 0.01)
    loop = asyncio.get_running_loop()

    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(loop, "call_soon_threadsafe", no_memory)
    assert await kept.do(lambda: 3) == 3


async def test_a_thread_that_dies_at_its_work_is_no_wait_for_ever(
    kept: KeptThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)

    def die(_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(threads._Piece, "do", die)
        with pytest.raises(RuntimeError, match="in the middle"):
            await kept.do(lambda: 1)
    assert await kept.do(lambda: 2) == 2


async def test_work_that_is_left_to_itself_holds_nobody_up() -> None:
    release = threading.Event()
    task = asyncio.create_task(in_daemon_thread(lambda: release.wait(60)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    release.set()
