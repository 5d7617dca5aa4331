"""Grades many files for `tfexam grade`, each independently.

Every worker has its own `Grader`, so a file that hangs or crashes does not affect the others.
Each file is copied first and the copy is graded, so the reported SHA-256 is that of the bytes
graded, whatever happens to the file meanwhile; each worker keeps one copy at most. Hidden sets
are made once per task, seed and state of the task's code, while the first children import
TensorFlow. Answers come in the order of the files, whichever is graded first.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.errors import DataError, SubmissionRejected
from engine.grading.host.child import COMMAND, JobFiles
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.inspection.file_format import check_file
from engine.grading.protocol import Device, Grade, Job, Rejected, failed
from exam_bank.datasets.store import Store
from exam_bank.identity import of_material
from exam_bank.phrase import phrase
from exam_bank.preparation import Order, prepare
from exam_bank.safe_files import copy_hashed
from exam_bank.task import Level, Task


class FileToGrade(NamedTuple):
    """One file to grade, with its task, the seed of its hidden set, and the level.

    Without a `level` it is the hardest that the task serves.
    """

    path: Path
    task: Task
    seed: int
    level: Level | None = None


class GradedFile(NamedTuple):
    """The result of grading `file`.

    `sha256` names the bytes that were judged; it is empty where none were read: a missing file,
    an unreadable one, or one larger than its task allows.
    """

    file: FileToGrade
    sha256: str
    grade: Grade


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
    batch = _Batch(files, cache / "hidden", logs, device, store, on_done, h5_only=h5_only)
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
    """The files of one call, those still to grade, and the hidden sets they need."""

    def __init__(
        self,
        files: Sequence[FileToGrade],
        hidden: Path,
        logs: Path,
        device: Device,
        store: Store,
        on_done: Callable[[GradedFile], None],
        *,
        h5_only: bool,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.graded: list[asyncio.Future[GradedFile]] = [loop.create_future() for _ in files]
        self._left = list(zip(files, self.graded, strict=True))[::-1]
        self._hidden, self._logs = hidden, logs
        self._device: Device = device
        self._store, self._h5_only = store, h5_only
        self._on_done = on_done
        self._made: dict[Path, asyncio.Task[None]] = {}
        self._states: dict[Path, str] = {}

    async def work(self, grader: Grader) -> None:
        """Grade with `grader` until no file is left."""
        grader.warm()
        await grader.start()
        while self._left:
            file, waiting = self._left.pop()
            # No job is left for another warm child.
            grader.prewarm = bool(self._left)
            try:
                graded = await self._grade(file, grader)
            except Exception as error:  # a problem with one file never ends the grading of others
                graded = GradedFile(file, "", failed(f"{type(error).__name__}: {error}"))
            self._on_done(graded)
            waiting.set_result(graded)

    def forget(self) -> None:
        """Cancel whatever still waits for a grade that will not come."""
        for waiting in self.graded:
            waiting.cancel()
        for making in self._made.values():
            making.cancel()

    async def _grade(self, file: FileToGrade, grader: Grader) -> GradedFile:
        try:
            kept = JobFiles.make(self._logs)
        except OSError as error:
            return GradedFile(file, "", _not_copied(error))
        copy = kept.folder / "model.h5"
        most = int(file.task.says.limits.model_mb * 1e6)
        try:
            try:
                sha256 = await asyncio.to_thread(copy_hashed, file.path, copy, most)
            except OSError as error:
                return GradedFile(file, "", _unread(file, error))
            return GradedFile(file, sha256, await self._grade_copy(file, sha256, copy, grader))
        finally:
            kept.remove()

    async def _grade_copy(
        self, file: FileToGrade, sha256: str, copy: Path, grader: Grader
    ) -> Grade:
        try:
            hidden = await self._hidden_set(file)
        except (DataError, OSError) as error:
            return failed(phrase("The hidden set cannot be made: {error}", error=error))
        job = Job.of(
            file.task,
            copy,
            hidden,
            submission=sha256,
            level=file.level,
            device=self._device,
            h5_only=self._h5_only,
        )
        return await grader.grade(job)

    async def _hidden_set(self, file: FileToGrade) -> Path:
        """The folder of the hidden set, made only once however many files need it."""
        task = file.task
        if task.folder not in self._states:
            self._states[task.folder] = of_material(task, self._store.registry).hex()[:16]
        folder = self._hidden / f"{task.id}-{file.seed}-{self._states[task.folder]}"
        if folder not in self._made:
            self._made[folder] = asyncio.create_task(_make(file, folder, self._store))
        # Shielded: when this worker is cancelled, others may still wait for it.
        await asyncio.shield(self._made[folder])
        return folder


async def _make(file: FileToGrade, folder: Path, store: Store) -> None:
    if (folder / "hidden.json").is_file():
        return
    task, source = file.task, file.task.says.source
    dataset = (await asyncio.to_thread(store.of_sources, [source]))[source]
    await prepare([Order(task.id, str(task.folder), file.seed, str(folder), dataset=dataset)])


def _unread(file: FileToGrade, error: OSError) -> Grade:
    """The grade of a file that could not be copied: its own fault, if it has one."""
    try:
        check_file(file.path, file.task.says.limits.model_mb)
    except SubmissionRejected as fault:
        return Rejected(message=fault.says, reason=fault.reason)
    return _not_copied(error)


def _not_copied(error: OSError) -> Grade:
    return failed(phrase("The file cannot be copied for grading: {error}.", error=error))
