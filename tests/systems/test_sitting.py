"""What a candidate on Windows or macOS would experience, in processes that lack what they lack."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.systems.likeness import ROOT
from tests.systems.typeshed import lacking

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="imitates other systems on Linux")


def sat(system: str, folder: Path, how: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.systems.sitting", system, str(folder), how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def holds_for_every_sitting(found: dict[str, Any], system: str, folder: Path) -> None:
    assert found["locked"]
    assert not found["forks"]
    assert found["ended"] == "time"
    assert found["carriage returns"] == 0
    assert found["same again"]
    assert found["troubles"] == []
    assert found["left by signal"]
    assert found["sandbox"]["state"] == "warning"
    for what in ("reads only", "no network"):
        assert what in found["sandbox"]["detail"]
    assert ("limits on memory" in found["sandbox"]["detail"]) is (system == "win32")
    assert found["sandbox"]["fix"] == "Grade only models that you trust."
    assert not [each for each in psutil.process_iter(["cmdline"]) if str(folder) in _line(each)]


def _line(process: psutil.Process) -> str:
    return " ".join(process.info["cmdline"] or ())


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_a_whole_sitting(system: str, tmp_path: Path) -> None:
    found = sat(system, tmp_path, "imitated")
    holds_for_every_sitting(found, system, tmp_path)
    assert (found["first"], found["second"]) == (5, 3)
    assert found["best"] == {"first-task": 5, "second-task": 5}
    assert found["cancelled"] == "cancelled"


@pytest.mark.slow
@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_a_whole_sitting_with_real_data_and_models(system: str, tmp_path: Path) -> None:
    found = sat(system, tmp_path, "tensorflow")
    holds_for_every_sitting(found, system, tmp_path)
    assert found["first"] == 5
    assert found["best"] == {"straight-line": 5}


def test_what_the_systems_lack_is_known() -> None:
    taken = {"fork", "pread", "killpg", "setsid", "wait4", "nice", "O_NONBLOCK", "O_CLOEXEC"}
    assert taken < lacking("os", "win32")
    assert not taken & lacking("os", "darwin")
    assert not {"open", "fsync", "kill", "getppid", "O_APPEND"} & lacking("os", "win32")
    assert {"SIGKILL", "SIGHUP", "SIGCHLD"} < lacking("signal", "win32")
    assert not {"SIGTERM", "SIGINT", "SIGSEGV"} & lacking("signal", "win32")
    assert {"sched_getaffinity", "O_PATH"} < lacking("os", "darwin")
    assert "epoll" in lacking("select", "darwin")
    assert "CLOCK_BOOTTIME" in lacking("time", "darwin")
    assert "prlimit" in lacking("resource", "darwin")
