"""Waiting for a processor is told from doing nothing, over all threads of a process."""

import os
import subprocess
import sys
from collections.abc import Callable

import psutil
import pytest

from exam_bank.platform import kernel, processor_use
from exam_bank.platform.processor_use import ProcessorUse, waits_of_threads

BUSY_THREADS = """
import threading
def spin():
    while True: pass
for _ in range(2): threading.Thread(target=spin, daemon=True).start()
print("ready", flush=True)
spin()
"""
SHARING = """
import os, sys
kept = bytearray(os.urandom(1)) * 80_000_000
if os.fork() == 0:
    print(os.getpid(), flush=True)
sys.stdin.read()
"""


def until(condition: Callable[[], object]) -> None:
    while not condition():
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_the_waits_of_all_threads_are_added_up() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY_THREADS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        # Threads of one Python take turns; these wait for the one core too.
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:
            for pid in (process.pid, other.pid):
                os.sched_setaffinity(pid, {min(os.sched_getaffinity(0))})
                for thread in psutil.Process(pid).threads():
                    os.sched_setaffinity(thread.id, {min(os.sched_getaffinity(0))})
            use, spent = ProcessorUse(process.pid), [0.0, 0.0]

            def both() -> bool:
                ran, waited = use.look(0.1)
                spent[0] += ran
                spent[1] += waited
                return min(spent) > 0.05

            until(both)
            other.kill()
        process.kill()
    assert ProcessorUse(process.pid).look(1.0) == (0.0, 0.0)


def test_waits_of_a_thread_that_ended_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter([{"1": 10**9, "2": 5 * 10**9}, {"1": 2 * 10**9, "3": 10**9}, {"1": 2 * 10**9}])
    monkeypatch.setattr(processor_use, "waits_of_threads", lambda _: next(said))
    use = ProcessorUse(os.getpid())
    assert use.look(1.0).waited == 2.0
    assert use.look(1.0).waited == 0.0


@pytest.mark.parametrize(("idle", "waited"), [(0.05, 1.0), (0.9, 0.0)])
def test_where_threads_are_not_told_a_machine_without_time_to_spare_makes_wait(
    monkeypatch: pytest.MonkeyPatch, idle: float, waited: float
) -> None:
    machine = iter([7.0, 7.0 + idle])
    monkeypatch.setattr(processor_use, "waits_of_threads", lambda _: None)
    monkeypatch.setattr(processor_use, "_idle_seconds", lambda: next(machine))
    assert ProcessorUse(os.getpid()).look(1.0).waited == waited


def test_a_process_that_is_gone_spends_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert waits_of_threads(gone.pid) is None
    assert ProcessorUse(gone.pid).look(0.1).ran == 0.0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_what_a_forked_process_shares_is_not_counted_against_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SHARING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert kernel.held(child) > 80_000_000
        assert kernel.shared(child) >= 35_000_000
        assert kernel.holds_more_than(child, 30_000_000)
        assert not kernel.holds_more_than(child, 80_000_000)
