"""Where a sitting keeps the evidence for its grades: beside the submissions, one file for each."""

from pathlib import Path


def evidence_file(folder: Path, sha256: str, task: str) -> Path:
    """The evidence for the frozen model with that hash in `task`; it may not exist."""
    return folder / "evidence" / f"{sha256}-{task}.json"
