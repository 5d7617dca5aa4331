"""What a candidate at Windows would meet, in processes that lack what Windows lacks."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.windows.likeness import ROOT
from tests.windows.typeshed import only_on_linux, only_on_windows

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="imitates Windows on Linux")


def sat(folder: Path, how: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.windows.sitting", str(folder), how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def holds_for_every_sitting(found: dict[str, Any], folder: Path) -> None:
    assert found["locked"]
    assert not found["forks"]
    assert found["ended"] == "time"
    assert found["carriage returns"] == 0
    assert found["same again"]
    assert found["troubles"] == []
    assert found["left by signal"]
    assert found["sandbox"]["state"] == "warning"
    for what in ("reads only", "no network", "limits on memory"):
        assert what in found["sandbox"]["detail"]
    assert found["sandbox"]["fix"] == "Grade only models that you trust."
    assert not [each for each in psutil.process_iter(["cmdline"]) if str(folder) in _line(each)]


def _line(process: psutil.Process) -> str:
    return " ".join(process.info["cmdline"] or ())


def test_a_whole_sitting(tmp_path: Path) -> None:
    found = sat(tmp_path, "imitated")
    holds_for_every_sitting(found, tmp_path)
    assert (found["first"], found["second"]) == (5, 3)
    assert found["best"] == {"first-task": 5, "second-task": 5}
    assert found["cancelled"] == "cancelled"


@pytest.mark.slow
def test_a_whole_sitting_with_real_data_and_models(tmp_path: Path) -> None:
    found = sat(tmp_path, "tensorflow")
    holds_for_every_sitting(found, tmp_path)
    assert found["first"] == 5
    assert found["best"] == {"straight-line": 5}


def test_what_windows_lacks_is_known() -> None:
    taken = {"fork", "pread", "killpg", "setsid", "wait4", "nice", "O_NONBLOCK", "O_CLOEXEC"}
    assert taken < only_on_linux("os")
    assert not {"open", "fsync", "kill", "getppid", "O_APPEND"} & only_on_linux("os")
    assert "O_BINARY" in only_on_windows("os")
    assert {"SIGKILL", "SIGHUP", "SIGCHLD"} < only_on_linux("signal")
    assert not {"SIGTERM", "SIGINT", "SIGSEGV"} & only_on_linux("signal")
