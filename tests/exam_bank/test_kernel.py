import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from exam_bank.platform import kernel

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


@pytest.fixture
def process() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
def test_a_stopped_process_is_told_from_one_that_runs_and_one_that_is_gone(
    process: "subprocess.Popen[bytes]",
) -> None:
    assert not kernel.is_stopped(process.pid)
    os.kill(process.pid, signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)
    assert kernel.is_stopped(process.pid)
    assert not kernel.is_gone(process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert kernel.is_gone(process.pid)  # a zombie, whose status nobody took
    process.wait()
    assert kernel.is_gone(process.pid)
    assert not kernel.is_stopped(process.pid)
    assert kernel.processor_seconds(process.pid) == 0


def test_the_processor_time_of_a_process() -> None:
    before = kernel.processor_seconds(os.getpid())
    while kernel.processor_seconds(os.getpid()) <= before:
        pass


def test_kills_for_want_of_memory_are_counted_where_the_kernel_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "vmstat"
    monkeypatch.setattr(kernel, "_VMSTAT", told)
    assert kernel.oom_kills() is None
    told.write_text("pgfault 12\n")
    assert kernel.oom_kills() is None
    told.write_text("pgfault 12\noom_kill 3\n")
    assert kernel.oom_kills() == 3


@LINUX
@pytest.mark.parametrize(
    ("policy", "part", "only"),
    [("0", 0.5, True), ("0", 2, False), ("1", 2, True), ("2", 0.5, False), (None, 0.5, False)],
)
def test_who_may_refuse_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str | None, part: float, only: bool
) -> None:
    told = tmp_path / "overcommit_memory"
    if policy is not None:
        told.write_text(f"{policy}\n")
    monkeypatch.setattr(kernel, "_OVERCOMMIT", told)
    whole = psutil.virtual_memory().total + psutil.swap_memory().total
    assert kernel.refuses_only_above(part * whole) is only
