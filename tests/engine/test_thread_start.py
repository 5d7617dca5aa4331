"""A thread that dies before it starts counts as refused, whoever starts it; nothing hangs."""

import asyncio
import concurrent.futures
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.sitting.intake.file_events import FileHints
from engine.threads import KeptThread, in_daemon_thread
from exam_bank.platform.thread_start import refuse_dead_threads

# Without the mend each of these would stand still.
pytestmark = pytest.mark.timeout(30, method="signal")


@pytest.fixture(autouse=True)
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", threading.Thread.start)  # put back after
    refuse_dead_threads()


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many threads from now on die as they do without memory: real ones, at the first step."""
    left, true = [1], threading.Thread._bootstrap  # type: ignore[attr-defined]

    def bootstrap(thread: threading.Thread) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise MemoryError
        true(thread)

    monkeypatch.setattr(threading.Thread, "_bootstrap", bootstrap)
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)  # pytest's would keep the thread
    return left


def thread_of(target: Callable[[], object], *, daemon: bool = True) -> threading.Thread:
    return threading.Thread(target=target, daemon=daemon)


@pytest.mark.parametrize("daemon", [True, False])
@pytest.mark.usefixtures("dying")
def test_a_dead_thread_is_refused_and_can_be_started_again(*, daemon: bool) -> None:
    done: list[int] = []
    thread = thread_of(lambda: done.append(1), daemon=daemon)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        thread.start()
    assert not thread.is_alive()
    assert thread not in threading.enumerate()
    thread.start()
    thread.join()
    assert done == [1]
    with pytest.raises(RuntimeError, match="only be started once"):
        thread.start()


def test_a_thread_that_is_never_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "_start_new_thread" if sys.version_info < (3, 13) else "_start_joinable_thread"
    monkeypatch.setattr(threading, name, lambda *_, **__: 0)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        thread_of(lambda: None).start()


@pytest.mark.parametrize("step", ["_set_ident", "_set_native_id"])
def test_no_memory_at_any_step_before_it_began_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def no_memory(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(threading.Thread, step, no_memory)
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        thread_of(lambda: None).start()


def test_a_slow_thread_is_waited_for_and_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    go, done = threading.Event(), list[int]()
    true = threading.Thread._bootstrap  # type: ignore[attr-defined]

    def slow(thread: threading.Thread) -> None:
        go.wait(10)
        true(thread)

    thread = thread_of(lambda: done.append(1))
    helper = threading.Timer(0.1, go.set)  # some looks after its start
    helper.start()
    monkeypatch.setattr(threading.Thread, "_bootstrap", slow)
    thread.start()
    assert go.is_set()
    thread.join()
    assert done == [1]


def test_many_threads_start_and_end_as_ever() -> None:
    done: list[int] = []
    for _ in range(300):
        thread_of(lambda: done.append(1)).start()
    threads = [thread_of(lambda: done.append(1)) for _ in range(50)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(done) == 350


async def test_a_kept_thread_is_refused_and_works_at_the_next_try(dying: list[int]) -> None:
    kept = KeptThread("test")
    try:
        with pytest.raises(RuntimeError, match="can't start new thread"):
            await kept.do(lambda: 1)
        assert await kept.do(lambda: 2) == 2
    finally:
        kept.stop()
    dying[0] = 1
    with pytest.raises(RuntimeError, match="can't start new thread"):
        await in_daemon_thread(lambda: 3)


@pytest.mark.usefixtures("dying")
async def test_the_pool_of_the_event_loop_refuses_and_serves_later() -> None:
    with pytest.raises(RuntimeError, match="can't start new thread"):
        await asyncio.to_thread(lambda: 1)
    assert await asyncio.to_thread(lambda: 2) == 2


@pytest.mark.usefixtures("dying")
async def test_a_process_whose_waiter_dies_is_refused() -> None:
    """The thread that asyncio starts beside each process, where it starts one (3.11)."""
    watcher = asyncio.ThreadedChildWatcher() if sys.version_info < (3, 12) else None
    if watcher is None:
        pytest.skip("asyncio waits for processes without threads")
    with pytest.raises(RuntimeError, match="can't start new thread"):
        watcher.add_child_handler(1, lambda *_: None)


def test_file_events_do_without(dying: list[int], tmp_path: Path) -> None:
    for which in (1, 2):  # watchdog's observer, then whatever it starts after that
        dying[0] = which
        hints = FileHints([tmp_path], lambda: None)
        hints.refresh()
        hints.stop()


@pytest.mark.usefixtures("dying")
def test_a_pool_refuses_and_can_be_shut_down() -> None:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with pytest.raises(RuntimeError, match="can't start new thread"):
            pool.submit(int)
        assert pool.submit(lambda: 5).result(10) == 5


def test_a_process_ends_after_threads_that_never_began() -> None:
    code = """
import asyncio, contextlib, threading
from exam_bank.platform.thread_start import refuse_dead_threads
refuse_dead_threads()
true, left = threading.Thread._bootstrap, [2]
def bootstrap(thread):
    left[0] -= 1
    if left[0] >= 0:
        raise MemoryError
    true(thread)
threading.Thread._bootstrap = bootstrap
async def main():
    with contextlib.suppress(RuntimeError):
        threading.Thread(target=print).start()
    with contextlib.suppress(RuntimeError):
        await asyncio.to_thread(int)
    print(await asyncio.to_thread(lambda: "served"))
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.split() == ["served"]


def test_the_mend_is_put_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    mended: Any = threading.Thread.start
    refuse_dead_threads()
    assert threading.Thread.start is mended
    other: Any = lambda _: None  # noqa: E731 - somebody else's start, which is left alone
    monkeypatch.setattr(threading.Thread, "start", other)
    refuse_dead_threads()
    assert threading.Thread.start is other


def test_a_grading_child_that_can_have_no_thread_says_so_instead_of_using_up_its_time() -> None:
    code = """
import threading
def dying(_):
    raise MemoryError
threading.Thread._bootstrap = dying
from engine.grading.child import process
process.leave_when_stdin_ends()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, stdin=subprocess.DEVNULL, timeout=30
    )
    assert done.returncode == 1
    assert b"can't start new thread" in done.stderr
