"""What counts as a training of the workspace, and how the machine's usage reports it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from engine.clock import ManualClock
from engine.machine import usage
from engine.machine.usage import SCAN_SECONDS, UsageProbe, runs_in
from exam_bank.platform import kernel
from exam_bank.platform.kernel import memory

WORKSPACE = Path("/srv/exam")
CATEGORY = WORKSPACE / "Category1"
ELSEWHERE = Path("/home/someone")


@pytest.mark.parametrize(
    ("command", "folder", "counts"),
    [
        (["python", "starter.py"], CATEGORY, True),
        (["python", "exam/Category1/starter.py"], Path("/srv"), True),
        (["python3", "-u", "-X", "dev", "/srv/exam/Category1/starter.py"], ELSEWHERE, True),
        (["python", "../../other/starter.py"], CATEGORY, False),
        (["python", "/usr/bin/pylsp"], CATEGORY, False),
        (["python", "-m", "ipykernel_launcher", "-f", "k.json"], CATEGORY, True),
        (["python", "-m", "ipykernel_launcher", "-f", "k.json"], ELSEWHERE, False),
        (["python", "-m", "engine.grading.child.worker"], CATEGORY, False),
        (["python", "-c", "print()"], CATEGORY, True),
        (["python"], CATEGORY, True),
        (["python", "starter.py"], Path("/srv/exam2"), False),
    ],
)
def test_a_program_counts_by_its_script_or_else_by_its_folder(
    command: list[str], folder: Path, counts: bool
) -> None:
    assert runs_in(WORKSPACE, command, folder) is counts


@contextmanager
def program(folder: Path, name: str) -> Iterator[int]:
    """A running Python program in `folder`, started as the candidate's shell would start it."""
    script = folder / name
    script.write_text("print(flush=True)\nimport time\ntime.sleep(600)\n")
    child = subprocess.Popen([sys.executable, name], cwd=folder, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        child.stdout.readline()
        yield child.pid
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_a_training_is_seen_with_its_figures_and_gone_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "_family", lambda: set[int]())  # it is a child of this test
    clock = ManualClock()
    probe = UsageProbe(tmp_path, clock=clock)
    with program(tmp_path, "starter.py") as pid:
        (first,) = probe.sample().training
        (second,) = probe.sample().training
    assert first.pid == second.pid == pid
    assert first.command.endswith("starter.py")
    assert first.memory > 1_000_000
    assert first.cpu_percent is None
    assert second.cpu_percent is not None
    assert probe.sample().training == ()


def test_what_tfexam_itself_started_is_no_training(tmp_path: Path) -> None:
    probe = UsageProbe(tmp_path)
    with program(tmp_path, "starter.py"):
        assert probe.sample().training == ()


def test_processes_are_gone_through_only_every_few_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans: list[Path] = []

    def scan(workspace: Path) -> Iterator[psutil.Process]:
        scans.append(workspace)
        return iter(())

    monkeypatch.setattr(usage, "_programs_in", scan)
    clock = ManualClock()
    probe = UsageProbe(tmp_path, clock=clock)
    for _ in range(4):
        probe.sample()
        clock.advance(SCAN_SECONDS / 2)
    assert len(scans) == 2


def test_without_a_workspace_only_the_machine_is_read() -> None:
    sample = UsageProbe(None).sample()
    assert sample.training == ()
    assert 0 <= sample.cpu_percent <= 100
    assert 0 < sample.memory_used < sample.memory_total


def test_a_containers_own_limit_is_the_memory_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("200000000\n")
    (tmp_path / "memory.current").write_text("90000000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 30000000\n")
    assert memory() == (60_000_000, 200_000_000)


def test_a_container_without_a_limit_has_the_machines_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("90000000\n")
    assert memory()[1] == psutil.virtual_memory().total
