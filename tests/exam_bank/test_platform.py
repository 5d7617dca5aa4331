"""What a system does in its own way, as far as Linux can be told to do it so."""

import errno
import fcntl
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from exam_bank.platform import clocks, disk, forks, kernel, limits, processes, terminal
from exam_bank.platform.desktop import words_of

SLEEPS = "import time; time.sleep(60)"
STARTS_ANOTHER = (
    "import subprocess, sys, time\n"
    f"print(subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]).pid, flush=True)\n"
)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")


class Busy:
    """A file that somebody has open for so many looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
        self.slept: list[float] = []
        self._looks = looks
        true = Path.replace

        def replace(source: Path, target: Path) -> Path:
            if len(self.slept) < self._looks:
                raise PermissionError(errno.EACCES, "in use", str(target))
            return true(source, target)

        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(time, "sleep", self.slept.append)


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    source, target = tmp_path / "new", tmp_path / "old"
    source.write_text("new")
    target.write_text("old")
    return source, target


@pytest.mark.usefixtures("windows")
def test_windows_is_asked_again_while_somebody_has_the_file_open(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy(monkeypatch, looks=3)
    disk.replace(*two)
    assert two[1].read_text() == "new"
    assert len(busy.slept) == 3


@pytest.mark.usefixtures("windows")
def test_a_file_that_stays_open_is_an_error_within_a_second(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy(monkeypatch, looks=99)
    with pytest.raises(PermissionError):
        disk.replace(*two)
    assert two[0].exists()
    assert two[1].read_text() == "old"
    assert 0.3 < sum(busy.slept) < 1


def test_elsewhere_nobody_waits(two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Busy(monkeypatch, looks=1)
    with pytest.raises(PermissionError):
        disk.replace(*two)
    assert not busy.slept


@pytest.mark.usefixtures("windows")
def test_what_is_read_only_is_removed_all_the_same(two: tuple[Path, Path]) -> None:
    two[0].chmod(0o400)
    disk.unlink(two[0])
    disk.unlink(two[0])
    assert not two[0].exists()


@pytest.mark.parametrize("system", ["linux", "win32"])
def test_bytes_are_read_from_where_they_are_and_added_at_the_end(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    descriptor = disk.open_to_append(tmp_path / "journal")
    os.write(descriptor, b"first\n")
    assert disk.read_at(descriptor, 3, 1) == b"irs"
    assert disk.read_at(descriptor, 99, 2) == b"rst\n"
    os.write(descriptor, b"second\n")
    disk.flush(descriptor)
    os.close(descriptor)
    assert (tmp_path / "journal").read_bytes() == b"first\nsecond\n"


@pytest.mark.parametrize("knows", [True, False], ids=["a disk", "a network"])
def test_macos_flushes_the_drive_too_where_it_can(
    knows: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def control(_: int, what: int) -> None:
        asked.append(what)
        if not knows:
            raise OSError(errno.ENOTSUP, "not here")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", control)
    monkeypatch.setattr(os, "fsync", lambda _: asked.append("fsync"))
    with (tmp_path / "file").open("wb") as file:
        disk.flush(file.fileno())
    assert asked == ([51] if knows else [51, "fsync"])


def test_the_folder_is_flushed_but_not_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    disk.sync_folder(tmp_path)
    assert len(flushed) == 1
    monkeypatch.setattr(sys, "platform", "win32")
    disk.sync_folder(tmp_path)
    assert len(flushed) == 1


def started(code: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)


def wait_gone(pid: int) -> None:
    """Nobody may reap it, so a zombie counts as gone."""
    for _ in range(3000):
        if kernel.is_gone(pid):
            return
        time.sleep(0.01)
    pytest.fail(f"{pid} still runs")


@pytest.mark.usefixtures("windows")
def test_windows_kills_what_a_process_has_started_with_it() -> None:
    with started(f"{STARTS_ANOTHER}\n{SLEEPS}") as process:
        assert process.stdout is not None
        other = int(process.stdout.readline())
        processes.kill_group(process)
        process.wait(30)
    wait_gone(other)


@pytest.mark.usefixtures("windows")
def test_windows_kills_nobody_by_a_number_that_may_be_anothers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with started("") as process:
        process.wait(30)
    monkeypatch.setattr(psutil, "Process", lambda _: pytest.fail("asked for"))
    processes.kill_group(process)


@pytest.mark.usefixtures("windows")
def test_windows_tells_what_a_process_has_cost_until_the_last_look() -> None:
    code = "import time\nwhile time.process_time() < 0.5: pass"
    with started(f"{code}\nraise SystemExit(3)") as process:
        assert processes.wait_for_cost(process) > 0.1
    assert process.returncode == 3


def test_who_leaves_on_windows_takes_along_what_it_started() -> None:
    code = (
        f"{STARTS_ANOTHER}\nimport psutil\nfrom exam_bank.platform import processes\n"
        "sys.platform = 'win32'\nprocesses.leave_with_group(3)"
    )
    with started(code) as process:
        assert process.stdout is not None
        other = int(process.stdout.readline())
        assert process.wait(30) == 3
    wait_gone(other)


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_the_clock_of_every_system_goes_on(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    before = clocks.boot_seconds()
    assert 0 < before <= clocks.boot_seconds()


@pytest.mark.usefixtures("windows")
def test_where_there_are_no_limits_none_is_set() -> None:
    kinds = (
        resource.RLIMIT_CORE,
        resource.RLIMIT_CPU,
        resource.RLIMIT_DATA,
        resource.RLIMIT_NOFILE,
    )
    before = [resource.getrlimit(each) for each in kinds]
    limits.limit_files(3, 3)
    limits.limit_processor(1)
    limits.limit_memory(1)
    limits.limit_files_of(os.getpid(), 3)
    assert [resource.getrlimit(each) for each in kinds] == before


@pytest.mark.usefixtures("windows")
def test_nothing_is_forked_on_windows() -> None:
    assert not forks.possible()
    for call in (forks.Forks, forks.channel, forks.cpu_seconds, forks.lead_session):
        with pytest.raises(OSError, match=os.strerror(errno.ENOSYS)):
            call()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (r"C:\Windows\notepad.exe", [r"C:\Windows\notepad.exe"]),
        (r'"C:\Program Files\code.exe" --wait', [r"C:\Program Files\code.exe", "--wait"]),
    ],
)
def test_a_backslash_of_windows_is_part_of_a_path(command: str, words: list[str]) -> None:
    assert words_of(command, "win32") == words


async def test_a_signal_to_leave_is_heard_until_it_is_given_back() -> None:
    heard: list[int] = []
    before = signal.SIG_DFL
    signal.signal(signal.SIGHUP, before)  # `nohup` starts the tests with another
    stop = terminal.when_told_to_leave(lambda: heard.append(1))
    assert signal.getsignal(signal.SIGHUP) != before
    stop()
    stop()
    assert signal.getsignal(signal.SIGHUP) == before
