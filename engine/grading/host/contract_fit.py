"""Asks a sandboxed process which tasks' contracts a model file fits.

The app itself reads no model: a file from a browser's downloads is a stranger's.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from engine.grading import wire
from engine.grading.host.child import JobFiles
from engine.grading.host.environment import environment
from exam_bank.platform import processes
from exam_bank.task import Task

COMMAND = (sys.executable, "-P", "-m", "engine.grading.child.contract_fit")
_SECONDS = 120.0


async def fitting(
    model: Path, tasks: Mapping[str, Task], logs: Path, *, h5_only: bool
) -> tuple[str, ...]:
    """Those of `tasks` whose contract `model` fits; none if the file cannot be read."""
    files: JobFiles | None = None
    try:
        files = await asyncio.to_thread(JobFiles.make, logs)
        await asyncio.to_thread(files.copy_in, model)
        asked = tuple(
            wire.FitTask(name, each.says.contract, each.says.limits) for name, each in tasks.items()
        )
        question = wire.FitQuestion(model=str(files.model), tasks=asked, h5_only=h5_only)
        return await _answer(files.folder, wire.write(question))
    except (OSError, msgspec.MsgspecError, TimeoutError):
        return ()
    finally:
        if files is not None:
            files.remove()


async def _answer(folder: Path, question: bytes) -> tuple[str, ...]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        str(folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        creationflags=processes.OWN_GROUP,
        cwd=folder,
        env=environment(os.environ, "cpu"),
    )
    try:
        async with asyncio.timeout(_SECONDS):
            said, _ = await process.communicate(question)
    finally:
        if process.returncode is None:
            processes.kill_group(process)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _SECONDS)
    return msgspec.json.decode(said, type=wire.FitAnswer).tasks
