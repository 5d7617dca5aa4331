"""Keeps the diagnoses of a sitting's models: one file each, readable by the owner only."""

import contextlib
from pathlib import Path

import msgspec

from engine.files import write_atomically
from engine.grading.diagnosis import Diagnoses
from exam_bank.safe_files import SMALL, UNDECODABLE, read_small


def diagnosis_file(folder: Path, sha256: str, task: str) -> Path:
    """Where the sitting in `folder` keeps what was found about a model of `task`."""
    return folder / "diagnoses" / f"{sha256}-{task}.json"


def diagnoses_of(folder: Path, sha256: str, task: str) -> Diagnoses | None:
    """What was found about a model of `task`; None if it was not diagnosed or is unreadable."""
    with contextlib.suppress(OSError, *UNDECODABLE):
        content = read_small(diagnosis_file(folder, sha256, task), SMALL)
        return msgspec.json.decode(content, type=Diagnoses)
    return None


def keep(folder: Path, diagnoses: Diagnoses) -> None:
    """Write them; raises `OSError`."""
    path = diagnosis_file(folder, diagnoses.sha256, diagnoses.task)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_atomically(path, msgspec.json.encode(diagnoses))
