import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.grading.host.child import JobFiles, new_log, sweep


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model of mine.h5"
    path.write_bytes(b"weights")
    return path


def test_the_model_is_copied(tmp_path: Path, model: Path) -> None:
    job_files = JobFiles.make(tmp_path / "logs")
    job_files.copy_in(model)
    assert job_files.model.read_bytes() == b"weights"
    assert job_files.model.parent == job_files.folder
    assert not job_files.model.samefile(model)  # a child is given no file of others
    assert job_files.model.stat().st_nlink == model.stat().st_nlink == 1
    job_files.remove()
    assert not job_files.folder.exists()
    assert model.read_bytes() == b"weights"


@pytest.mark.skipif(sys.platform == "win32", reason="no such flags there")
def test_a_log_can_only_grow(tmp_path: Path) -> None:
    handle, log = new_log(tmp_path)
    os.write(handle, b"first")
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, b"second")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.read(handle, 1)
    assert not os.get_inheritable(handle)
    os.close(handle)
    assert log.read_bytes() == b"firstsecond"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_symlink_is_followed_before_it_is_laid_out(tmp_path: Path, model: Path) -> None:
    link = tmp_path / "link.h5"
    link.symlink_to(model)
    job_files = JobFiles.make(tmp_path / "logs")
    job_files.copy_in(link)
    assert not job_files.model.is_symlink()
    assert job_files.model.read_bytes() == b"weights"


def test_only_files_are_laid_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h5")
    with pytest.raises(OSError, match="is not a file"):
        JobFiles.make(tmp_path / "logs").copy_in(tmp_path / "pipe.h5")


def test_sweep_leaves_the_folders_of_those_who_live(tmp_path: Path) -> None:
    mine = JobFiles.make(tmp_path)
    nobody = next(pid for pid in range(2**22, 2, -1) if not psutil.pid_exists(pid))
    stale = tmp_path / f"job-{nobody}-x"
    stale.mkdir()
    sweep(tmp_path)
    assert mine.folder.exists()
    assert not stale.exists()
    sweep(tmp_path / "not there")


@pytest.mark.skipif(sys.platform == "win32", reason="no zombies there")
def test_sweep_takes_away_what_a_zombie_left(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", ""])
    stale = tmp_path / f"job-{owner.pid}-x"
    stale.mkdir()
    os.waitid(os.P_PID, owner.pid, os.WEXITED | os.WNOWAIT)
    sweep(tmp_path)
    assert not stale.exists()
    owner.wait()
