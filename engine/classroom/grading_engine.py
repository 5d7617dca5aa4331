"""Who grades a class: the seam between a run and the machines it runs on.

A run knows only `GradingEngine`. The local pool is one; a cluster can take its place, because
a file that is graded twice gets the same grade and the run keeps the first.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from engine.grading.host.batch import FileToGrade, GradedFile, grade_files
from engine.grading.host.child import COMMAND
from engine.grading.protocol import Device
from exam_bank.datasets.store import Store


class GradingEngine(Protocol):
    """Grades files, wherever."""

    def grade(self, files: Sequence[FileToGrade]) -> AsyncGenerator[GradedFile, None]:
        """Yield each of `files` with its grade as soon as there is one, in any order.

        No two of `files` have the same path and task, by which the run knows an answer.
        Whatever is wrong with a file or a worker is its grade, and is never raised. When the
        generator is closed, everything that it started ends.
        """
        ...


class LocalPool(msgspec.Struct, frozen=True, kw_only=True):
    """Grades on this machine, with `workers` graders at once."""

    cache: Path
    logs: Path
    store: Store
    workers: int = 1
    device: Device = "cpu"
    h5_only: bool = False
    command: Sequence[str] = COMMAND

    async def grade(self, files: Sequence[FileToGrade]) -> AsyncGenerator[GradedFile, None]:
        """As `GradingEngine` says."""
        done: asyncio.Queue[GradedFile] = asyncio.Queue()
        grading = asyncio.create_task(self._grade(files, done), name="grade a class")
        left = len(files)
        try:
            while left:
                waiting = asyncio.create_task(done.get())
                await asyncio.wait([waiting, grading], return_when=asyncio.FIRST_COMPLETED)
                if grading.done() and not waiting.done() and done.empty():
                    waiting.cancel()
                    await grading  # raises why it ended early
                    return
                left -= 1
                yield await waiting
        finally:
            if left:
                grading.cancel()
            await asyncio.wait([grading])  # with all answered it is only putting things away

    async def _grade(self, files: Sequence[FileToGrade], done: "asyncio.Queue[GradedFile]") -> None:
        async for _ in grade_files(
            files,
            cache=self.cache,
            logs=self.logs,
            workers=self.workers,
            device=self.device,
            command=self.command,
            store=self.store,
            h5_only=self.h5_only,
            on_done=done.put_nowait,
        ):
            pass
