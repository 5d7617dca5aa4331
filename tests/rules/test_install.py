"""Two makes at once in a fresh clone install one after the other, and everything only once."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not shutil.which("make") or os.name != "posix", reason="needs make, and locks of files"
)

FAKE_VENV = '''
"""Stands for the standard library's venv: its Python notes what pip is told, and waits."""
import sys
from pathlib import Path

venv, top = Path(sys.argv[1]), Path.cwd()
(top / "log").open("a").write("venv\\n")
(venv / "bin").mkdir()
python = venv / "bin" / "python"
python.write_text(f"""#!/bin/sh
for last; do :; done
echo "begin $last" >> {top}/log
while [ ! -e {top}/leave ]; do sleep 0.05; done
echo "end $last" >> {top}/log
exit $(cat {top}/leave)
""")
python.chmod(0o755)
(venv / "bin" / "pip").touch()
'''


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/install.py", tmp_path / ".ci")
    (tmp_path / "fakes").mkdir()
    (tmp_path / "fakes/venv.py").write_text(FAKE_VENV)
    yield tmp_path
    (tmp_path / "leave").write_text("1")  # after a failure, release whatever still waits


def start_make(clone: Path, mark: str) -> subprocess.Popen[str]:
    """Its output goes to a file, so that a test can look at it while make waits."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(clone / "fakes")}
    with (clone / f"said {mark}").open("a") as said:
        command = ["make", f"PYTHON={sys.executable}", f".venv/{mark}"]
        return subprocess.Popen(
            command, cwd=clone, env=environment, stdout=said, stderr=said, text=True
        )


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def log(clone: Path) -> list[str]:
    path = clone / "log"
    return path.read_text().splitlines() if path.exists() else []


def both(clone: Path, first: str, second: str) -> None:
    """Start the second while the first one's pip runs; continue once it says that it waits."""
    one = start_make(clone, first)
    wait_until(lambda: len(log(clone)) == 2)
    other = start_make(clone, second)
    said = clone / f"said {second}"
    wait_until(lambda: "Another make is installing here" in said.read_text())
    (clone / "leave").write_text("0")
    assert (one.wait(60), other.wait(60)) == (0, 0), said.read_text()


def test_the_second_of_two_waits_and_installs_nothing(clone: Path) -> None:
    both(clone, ".installed", ".installed")
    assert log(clone) == ["venv", "begin .", "end ."]


def test_what_the_tests_need_brings_all_that_the_app_needs(clone: Path) -> None:
    both(clone, ".installed-test", ".installed")
    assert log(clone) == ["venv", "begin .[test]", "end .[test]"]


def test_what_the_tests_need_comes_after_the_app_s_own(clone: Path) -> None:
    both(clone, ".installed", ".installed-test")
    assert log(clone) == ["venv", "begin .", "end .", "begin .[test]", "end .[test]"]


def test_a_failed_install_is_tried_again_and_new_constraints_install_anew(clone: Path) -> None:
    (clone / "leave").write_text("3")
    assert start_make(clone, ".installed").wait(60) != 0
    assert not (clone / ".venv/.installed").exists()
    (clone / "leave").write_text("0")
    assert start_make(clone, ".installed").wait(60) == 0
    assert start_make(clone, ".installed").wait(60) == 0
    assert log(clone) == ["venv", "begin .", "end .", "begin .", "end ."]
    later = time.time() + 5
    os.utime(clone / "constraints.txt", (later, later))
    assert start_make(clone, ".installed").wait(60) == 0
    assert log(clone)[5:] == ["begin .", "end ."]
