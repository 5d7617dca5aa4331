"""The wheel, installed into an empty environment, is all of tfexam.

What tfexam depends on is taken from the environment that runs the test: whether pip can fetch it
is not asked here, only whether the wheel holds every file that the repository does.
"""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib import util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(util.find_spec("hatchling") is None, reason="hatchling builds the wheel"),
]


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment |= {"HOME": str(folder), "TFEXAM_HOME": str(folder / "home"), "TERM": "xterm"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("dist")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check")
    done = run(*pip, "--no-deps", "--no-build-isolation", "-w", into, ROOT, folder=into)
    assert done.returncode == 0, done.stderr
    (built,) = into.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment with the wheel in it."""
    place = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(place, with_pip=False, symlinks=os.name == "posix")
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    done = run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, folder=place)
    assert done.returncode == 0, done.stderr
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = Path(run(python, "-c", asked, folder=place).stdout.strip())
    # Searched after the environment's own packages, and its .pth files are not read: the
    # tfexam found is the wheel's.
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    found = run(python, "-c", "import tui; print(tui.__file__)", folder=place).stdout
    assert found.startswith(str(own))
    return programs


def test_the_wheel_holds_every_file_that_git_knows(wheel: Path) -> None:
    floors = ("tui", "engine", "exam_bank")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *floors],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a checkout")
    held = set(zipfile.ZipFile(wheel).namelist())
    there = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    assert {"exam_bank/tasks/flats/starter.zh.py", "tui/screens/exam.tcss"} <= there
    assert not there - held


def test_it_lists_the_bank_in_both_languages(installed: Path) -> None:
    tfexam = installed / "tfexam"
    english = run(tfexam, "bank", "list", folder=installed.parent)
    chinese = run(tfexam, "--lang", "zh", "bank", "list", folder=installed.parent)
    assert "The price of a flat" in english.stdout, english.stderr
    assert "公寓房价" in chinese.stdout, chinese.stderr
    assert len(english.stdout.splitlines()) > 30


def test_its_doctor_finds_what_it_needs(installed: Path) -> None:
    found = run(installed / "tfexam", "doctor", folder=installed.parent)
    lines = found.stdout.splitlines()
    assert any(line.startswith("✓ TensorFlow") for line in lines), found
    assert not found.stderr
    assert found.returncode == 0, found.stdout
