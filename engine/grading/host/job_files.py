"""The files of one job, in a folder that holds nothing else that is a secret.

A grading child shuts itself in before it knows its job, so what it may read must have a
place of its own. The model and the hidden set are put there as copies: a hard link would be
the candidate's own file, with its locks and times, and would change while it is saved again.
"""

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Self

from msgspec.structs import replace

from engine.grading.protocol import Job
from exam_bank.platform import disk

_PREFIX = "job-"


class JobFiles:
    """One job folder; `remove` takes it away with all that lies on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls, below: Path) -> Self:
        """A new empty job folder; raises `OSError`."""
        below.mkdir(parents=True, exist_ok=True)
        return cls(Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=below)).resolve())

    def copy_in(self, job: Job) -> Job:
        """Copy the job's files here; returns the job that names them. Raises `OSError`."""
        model, hidden = self.folder / "model.h5", self.folder / "hidden"
        hidden.mkdir()
        _place(Path(job.model), model)
        for file in Path(job.hidden).iterdir():
            if file.is_file():
                _place(file, hidden / file.name)
        return replace(job, model=str(model), hidden=str(hidden))

    def remove(self) -> None:
        """Take it away; what cannot be removed stays for `sweep`."""
        shutil.rmtree(self.folder, ignore_errors=True)


def new_log(below: Path) -> tuple[int, Path]:
    """A file that can only grow, for what a child prints; its descriptor and its path.

    Nobody who holds the descriptor can read the file, go back in it or map it into memory.
    Raises `OSError`.
    """
    made, name = tempfile.mkstemp(prefix="grading-", suffix=".log", dir=below)
    os.close(made)  # mkstemp opens for reading and writing, and fcntl(2) cannot take that back
    return disk.open_only_to_append(Path(name)), Path(name)


def sweep(below: Path) -> None:
    """Remove the job folders that a tfexam which was killed left behind."""
    for folder in below.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not _is_running(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _place(source: Path, target: Path) -> None:
    source = source.resolve()  # a link to a link would lead out of the job folder
    if not stat.S_ISREG(source.stat().st_mode):
        raise OSError(f"{source} is not a file")
    shutil.copyfile(source, target)


def _is_running(pid: int) -> bool:
    import psutil

    try:
        # One that ended without being asked how stays a zombie, in a container for ever.
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return psutil.pid_exists(pid)
