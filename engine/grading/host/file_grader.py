"""Grades one file for whoever grades many: `batch.py` here, a worker of a cluster elsewhere.

The file is copied first and the copy is graded, so the reported SHA-256 is that of the bytes
graded, whatever happens to the file meanwhile. Hidden sets are made once for each task, seed and
state of the task's code.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from engine.errors import DataError, SubmissionRejected
from engine.grading.host.child import JobFiles
from engine.grading.host.grader import Grader
from engine.grading.inspection.file_format import check_file
from engine.grading.protocol import Device, Grade, Job, Rejected, failed
from exam_bank.datasets.store import Store
from exam_bank.identity import of_material
from exam_bank.paper import Part
from exam_bank.phrase import phrase
from exam_bank.preparation import Order, hidden_name, prepare
from exam_bank.safe_files import copy_hashed
from exam_bank.task import Level, Task

_Answer = TypeVar("_Answer")


class FileToGrade(NamedTuple):
    """One file to grade, with its task, the seed of its hidden set, and the level.

    Without a `level` it is the hardest that the task serves. `sha256` is what its bytes were
    found to be before, if anybody looked. `part` says which hidden set; the second needs the
    `secret`, in hex.
    """

    path: Path
    task: Task
    seed: int
    level: Level | None = None
    sha256: str = ""
    part: Part = "whole"
    secret: str = ""


class GradedFile(NamedTuple):
    """The result of grading `file`.

    `sha256` names the bytes that were judged; it is empty where none were read: a missing file,
    an unreadable one, or one larger than its task allows.
    """

    file: FileToGrade
    sha256: str
    grade: Grade


class FileGrader:
    """Makes the hidden sets that files need, in the folder `hidden`, and hands out jobs.

    `store` says where the data sets are that tasks may need; with `h5_only` .keras files are
    refused.
    """

    def __init__(
        self, *, hidden: Path, logs: Path, device: Device, store: Store, h5_only: bool
    ) -> None:
        self._hidden, self._logs = hidden, logs
        self._device: Device = device
        self._store, self._h5_only = store, h5_only
        self._made: dict[Path, asyncio.Task[None]] = {}
        self._states: dict[Path, str] = {}

    async def grade(self, file: FileToGrade, grader: Grader) -> GradedFile:
        """Grade `file` with `grader`; whatever is wrong becomes its grade, and is never raised."""
        try:
            sha256, grade = await self.with_job(file, grader.grade)
        except Exception as error:  # a problem with one file never ends the grading of others
            return GradedFile(file, "", failed(f"{type(error).__name__}: {error}"))
        return GradedFile(file, sha256, grade)

    def forget(self) -> None:
        """Stop making hidden sets that nobody waits for."""
        for making in self._made.values():
            making.cancel()

    async def with_job(
        self, file: FileToGrade, ask: Callable[[Job], Awaitable[_Answer]]
    ) -> tuple[str, _Answer | Grade]:
        """What `ask` answers to the job of a copy of `file`, and the SHA-256 of that copy.

        Where there can be no job, a grade says why; the SHA-256 is empty if nothing was read.
        """
        try:
            kept = JobFiles.make(self._logs)
        except OSError as error:
            return "", _not_copied(error)
        copy = kept.folder / "model.h5"
        most = int(file.task.says.limits.model_mb * 1e6)
        try:
            try:
                sha256 = await asyncio.to_thread(copy_hashed, file.path, copy, most)
            except OSError as error:
                return "", _unread(file, error)
            try:
                hidden = await self._hidden_set(file)
            except (DataError, OSError) as error:
                sentence = phrase("The hidden set cannot be made: {error}", error=error)
                return sha256, failed(sentence)
            return sha256, await ask(self._job(file, sha256, copy, hidden))
        finally:
            kept.remove()

    def _job(self, file: FileToGrade, sha256: str, copy: Path, hidden: Path) -> Job:
        job = Job.of(
            file.task,
            copy,
            hidden,
            submission=sha256,
            level=file.level,
            device=self._device,
            h5_only=self._h5_only,
        )
        if file.part == "whole":
            return job
        # Two measurements are compared: with their errors.
        return msgspec.structs.replace(job, bootstrap=True)

    async def _hidden_set(self, file: FileToGrade) -> Path:
        """The folder of the hidden set, made only once however many files need it."""
        task = file.task
        if task.folder not in self._states:
            self._states[task.folder] = of_material(task, self._store.registry).hex()[:16]
        name = hidden_name(task.id, file.seed, file.part, file.secret)
        folder = self._hidden / f"{name}-{self._states[task.folder]}"
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
    order = Order(
        task=task.id,
        folder=str(task.folder),
        seed=file.seed,
        hidden=str(folder),
        dataset=dataset,
        part=file.part,
        secret=file.secret,
    )
    await prepare([order])


def _unread(file: FileToGrade, error: OSError) -> Grade:
    """The grade of a file that could not be copied: its own fault, if it has one."""
    try:
        check_file(file.path, file.task.says.limits.model_mb)
    except SubmissionRejected as fault:
        return Rejected(message=fault.says, reason=fault.reason)
    return _not_copied(error)


def _not_copied(error: OSError) -> Grade:
    return failed(phrase("The file cannot be copied for grading: {error}.", error=error))
