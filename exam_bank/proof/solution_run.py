"""Runs a solution as a candidate would, in its own process and folder, and measures its cost.

The cost is in CPU seconds as well as wall seconds, because only CPU seconds mean the same on
a busy machine.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

import msgspec

from exam_bank.platform import processes

LOG = "proof.log"
_LOG_TAIL = 3_000


class Ran(msgspec.Struct, frozen=True):
    """How a run ended; `log` is the end of what it printed."""

    status: int
    seconds: float
    cpu_seconds: float
    timed_out: bool
    log: str

    @property
    def last_line(self) -> str:
        """The last line it printed, which for a traceback is the error itself."""
        return self.log.strip().rpartition("\n")[2]


async def run_solution(script: Path, folder: Path, *, limit: float) -> Ran:
    """Run `script` as `starter.py` in `folder`, for at most `limit` wall seconds.

    It runs in its own process group, which is gone when this returns or is cancelled.
    """
    shutil.copyfile(script, folder / "starter.py")
    output = folder / LOG
    began = time.perf_counter()
    with output.open("wb") as log:
        process = subprocess.Popen(  # noqa: ASYNC220 (starting takes no time; waiting is awaited)
            [sys.executable, "starter.py"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=processes.OWN_GROUP,
            env=_environment(),
        )
    ending = asyncio.create_task(asyncio.to_thread(processes.wait_for_cost, process))
    try:
        finished, _ = await asyncio.wait({ending}, timeout=limit)
    finally:
        processes.kill_group(process)
        cost = await asyncio.shield(ending)
    return Ran(
        status=process.returncode,
        seconds=time.perf_counter() - began,
        cpu_seconds=cost,
        timed_out=not finished,
        log=tail(output),
    )


class Run(Protocol):
    """Runs a solution: `run_solution` below, or a fork of a warm process."""

    async def __call__(self, script: Path, folder: Path, *, limit: float) -> Ran:
        """Run `script` as `starter.py` in `folder`, for at most `limit` wall seconds."""
        ...


def tail(log: Path) -> str:
    """The end of a log; empty if nothing got as far as writing one."""
    with contextlib.suppress(OSError):
        return log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]
    return ""


def _environment() -> dict[str, str]:
    """The environment: no GPU, so that proofs compare, and settings for a readable log."""
    return {
        **os.environ,
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONUNBUFFERED": "1",
    }
