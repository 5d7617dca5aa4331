import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.grading.host.child import JobFiles, new_log, sweep
from tests.engine.fake_child import a_job


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model of mine.h5"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    folder = tmp_path / "hidden"
    (folder / "sub").mkdir(parents=True)
    (folder / "inputs.npy").write_bytes(b"inputs")
    return folder


def test_files_are_copied_and_folders_left_out(tmp_path: Path, model: Path, hidden: Path) -> None:
    job_files = JobFiles.make(tmp_path / "logs")
    laid = job_files.copy_in(a_job(model, hidden))
    assert Path(laid.model).read_bytes() == b"weights"
    assert [path.name for path in Path(laid.hidden).iterdir()] == ["inputs.npy"]
    assert Path(laid.model).parent == Path(laid.hidden).parent == job_files.folder
    job_files.remove()
    assert not job_files.folder.exists()
    assert model.read_bytes() == b"weights"


def test_a_child_is_given_no_file_of_others(tmp_path: Path, model: Path, hidden: Path) -> None:
    laid = JobFiles.make(tmp_path / "logs").copy_in(a_job(model, hidden))
    for mine, theirs in (
        (model, Path(laid.model)),
        (hidden / "inputs.npy", Path(laid.hidden) / "inputs.npy"),
    ):
        assert not theirs.samefile(mine)
        assert mine.stat().st_nlink == theirs.stat().st_nlink == 1


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


def test_a_symlink_is_followed_before_it_is_laid_out(
    tmp_path: Path, model: Path, hidden: Path
) -> None:
    link = tmp_path / "link.h5"
    link.symlink_to(model)
    laid = JobFiles.make(tmp_path / "logs").copy_in(a_job(link, hidden))
    assert not Path(laid.model).is_symlink()
    assert Path(laid.model).read_bytes() == b"weights"


def test_only_files_are_laid_out(tmp_path: Path, hidden: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h5")
    with pytest.raises(OSError, match="is not a file"):
        JobFiles.make(tmp_path / "logs").copy_in(a_job(tmp_path / "pipe.h5", hidden))


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
