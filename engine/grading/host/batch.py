"""Grades many files for `tfexam grade`, each independently.

Every worker has its own `Grader`, so a file that hangs or crashes does not affect the others;
each worker keeps one copy of a file at most. Hidden sets are made while the first children import
TensorFlow. Answers come in the order of the files, whichever is graded first.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from engine.grading.host.child import COMMAND
from engine.grading.host.file_grader import FileGrader, FileToGrade, GradedFile
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.protocol import Device
from exam_bank.datasets.store import Store

__all__ = ["FileToGrade", "GradedFile", "grade_files"]


async def grade_files(
    files: Sequence[FileToGrade],
    *,
    cache: Path,
    logs: Path,
    workers: int = 1,
    device: Device = "cpu",
    command: Sequence[str] = COMMAND,
    store: Store | None = None,
    h5_only: bool = False,
    on_done: Callable[[GradedFile], None] = lambda _: None,
) -> AsyncGenerator[GradedFile, None]:
    """Grade `files` with `workers` graders in parallel; yields in the order of `files`.

    `store` says where the data sets are that tasks may need; with `h5_only` .keras files are
    refused.
    `on_done` is called for each file as soon as it is graded, in any order. Whatever is
    wrong with a file or a task's data becomes that file's grade; it is never raised.
    """
    store = store or Store(cache / "datasets")
    one = FileGrader(
        hidden=cache / "hidden", logs=logs, device=device, store=store, h5_only=h5_only
    )
    batch = _Batch(files, one, on_done)
    graders = _graders(len(files), workers, logs, device, command)
    running = [asyncio.create_task(batch.work(each)) for each in graders]
    try:
        for waiting in batch.graded:
            yield await waiting
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.gather(*(each.close() for each in graders))
        batch.forget()


def _graders(
    files: int, workers: int, logs: Path, device: Device, command: Sequence[str]
) -> list[Grader]:
    # A single file gains nothing from a fork.
    forks = files > 1 and tuple(command) == COMMAND and ForkServer.possible(device)
    fork_server = ForkServer(logs) if forks else None
    marking = MarkingProcess()
    count = max(1, min(workers, files))
    return [
        Grader(
            logs=logs,
            prewarm=False,
            device=device,
            command=command,
            fork_server=fork_server,
            marking=marking,
            share=count,
        )
        for _ in range(count)
    ]


class _Batch:
    """The files of one call, and those still to grade."""

    def __init__(
        self,
        files: Sequence[FileToGrade],
        grader: FileGrader,
        on_done: Callable[[GradedFile], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        self.graded: list[asyncio.Future[GradedFile]] = [loop.create_future() for _ in files]
        self._left = list(zip(files, self.graded, strict=True))[::-1]
        self._grader = grader
        self._on_done = on_done

    async def work(self, grader: Grader) -> None:
        """Grade with `grader` until no file is left."""
        grader.warm()
        await grader.start()
        while self._left:
            file, waiting = self._left.pop()
            # No job is left for another warm child.
            grader.prewarm = bool(self._left)
            graded = await self._grader.grade(file, grader)
            self._on_done(graded)
            waiting.set_result(graded)

    def forget(self) -> None:
        """Cancel whatever still waits for a grade that will not come."""
        for waiting in self.graded:
            waiting.cancel()
        self._grader.forget()
