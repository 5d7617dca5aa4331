"""Where a sitting keeps the evidence for its grades: beside the submissions, one file for each."""

import asyncio
from pathlib import Path

# It is written within a tenth of a second, unless the machine is overloaded.
_WITHIN, _LOOK = 10.0, 0.05


def evidence_file(folder: Path, sha256: str, task: str) -> Path:
    """The evidence for the frozen model with that hash in `task`; it may not exist."""
    return folder / "evidence" / f"{sha256}-{task}.json"


async def appears(path: Path, within: float = _WITHIN) -> bool:
    """Whether the evidence at `path` is there, waiting up to `within` seconds for it.

    The marking process answers a grade first and writes its evidence afterwards, or not at all.
    """
    for _ in range(round(within / _LOOK)):
        if path.exists():  # noqa: ASYNC240 - one look at one file
            return True
        await asyncio.sleep(_LOOK)
    return path.exists()  # noqa: ASYNC240
