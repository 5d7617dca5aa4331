"""What runs on a worker of a cluster: one grader a process, in a thread with its own event loop.

A worker has threads, so it must never be forked: the fork server is started with exec, as
everywhere, and forks the sandboxed children. Deadlines, process groups and memory limits are the
grader's own; what Dask limits is the worker alone. A grader that nobody has asked for a while
ends its processes, so that a class leaves nothing behind on somebody's cluster.
"""

import asyncio
import contextlib
import hashlib
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.classroom.cluster.messages import (
    BytesNeeded,
    FileGraded,
    FileRequest,
    OtherBank,
    WorkerBank,
    read_request,
)
from engine.errors import TfexamError
from engine.grading.host.file_grader import FileGrader, FileToGrade
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.protocol import Device, failed
from engine.pack_trust import trusted
from engine.settings import Settings
from exam_bank.catalog import Catalog
from exam_bank.phrase import phrase
from exam_bank.task import Task

IDLE_SECONDS = 300.0
_Result = TypeVar("_Result")

_graders: dict[tuple[Device, bool], "_WorkerGrader"] = {}
_starting = threading.Lock()


def grade(request: bytes, content: bytes | None = None) -> bytes:
    """Grade what `request` names, or the bytes `content` in its place.

    Returns an encoded `Answered`. What is wrong with the file, or with this worker, is its grade.
    """
    asked = read_request(request)
    try:
        answer = _graded(asked, content)
    except TfexamError as error:
        answer = FileGraded("", failed(error.sentence if error.fix else error.message))
    except OSError as error:
        sentence = phrase("The files for this grading cannot be written: {error}.", error=error)
        answer = FileGraded("", failed(sentence))
    return msgspec.json.encode(answer)


def origins(tasks: list[str]) -> bytes:
    """The `WorkerBank` of each of `tasks`, as JSON; None for one that is not in this bank."""
    bank = Catalog.find(Settings.load().packs)
    known = {each.id: each for each in bank.tasks}
    found = [WorkerBank.of(known[each], bank.registry) if each in known else None for each in tasks]
    return msgspec.json.encode(found)


def close() -> None:
    """End the processes of this worker's graders; the next request starts them again."""
    with _starting:
        for each in _graders.values():
            each.close()
        _graders.clear()


def _graded(asked: FileRequest, content: bytes | None) -> FileGraded | BytesNeeded | OtherBank:
    settings = Settings.load()
    bank = Catalog.find(settings.packs)
    task = _same_task(asked, bank)
    if task is None:
        return OtherBank()
    (task,) = trusted([task], settings)
    if content is None:
        path = Path(asked.path)
        return _of_path(asked, task, path) if _has(path, asked.sha256) else BytesNeeded()
    with tempfile.TemporaryDirectory(prefix="tfexam-") as folder:
        path = Path(folder, Path(asked.path).name)
        path.write_bytes(content)
        return _of_path(asked, task, path)


def _same_task(asked: FileRequest, bank: Catalog) -> Task | None:
    """The task, if this bank has the same as the one that asks."""
    task = next((each for each in bank.tasks if each.id == asked.task), None)
    if task is None or WorkerBank.of(task, bank.registry) != asked.origin:
        return None
    return task


def _has(path: Path, sha256: str) -> bool:
    """Whether the bytes at `path` are those; unknown ones cannot be told from another file's."""
    if not sha256:
        return False
    with contextlib.suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    return False


def _of_path(asked: FileRequest, task: Task, path: Path) -> FileGraded:
    says = msgspec.structs.replace(task.says, limits=asked.limits)
    file = FileToGrade(
        path=path,
        task=msgspec.structs.replace(task, says=says),
        seed=asked.seed,
        level=asked.level,
        sha256=asked.sha256,
        part=asked.part,
        secret=asked.secret,
    )
    graded = None
    while graded is None:
        graded = _grader_for(asked).grade(file)
    return graded


def _grader_for(asked: FileRequest) -> "_WorkerGrader":
    with _starting:
        found = _graders.get((asked.device, asked.h5_only))
        if found is None or found.is_closed:
            found = _WorkerGrader(asked.device, h5_only=asked.h5_only, share=asked.share)
            _graders[asked.device, asked.h5_only] = found
        return found


class _WorkerGrader:
    """A grader in a thread of its own; takes one file after the other."""

    def __init__(self, device: Device, *, h5_only: bool, share: int) -> None:
        self._device: Device = device
        self._h5_only, self._share = h5_only, share
        self._loop = asyncio.new_event_loop()
        self._one = threading.Lock()  # a worker may have been given more threads than one
        self._closing = threading.Timer(IDLE_SECONDS, self.close)
        self.is_closed = False
        thread = threading.Thread(target=self._loop.run_forever, name="tfexam grader", daemon=True)
        thread.start()
        self._grader, self._files = self._do(self._start())

    def grade(self, file: FileToGrade) -> FileGraded | None:
        """The grade of `file`; None once this grader is closed."""
        with self._one:
            if self.is_closed:
                return None
            self._closing.cancel()
            try:
                graded = self._do(self._files.grade(file, self._grader))
            finally:
                self._close_later()
        return FileGraded(graded.sha256, graded.grade)

    def close(self) -> None:
        """End its processes; safe to call twice."""
        with self._one:
            self._closing.cancel()
            if not self.is_closed:
                self.is_closed = True
                self._do(self._grader.close())
                self._loop.call_soon_threadsafe(self._loop.stop)

    def _close_later(self) -> None:
        self._closing = threading.Timer(IDLE_SECONDS, self.close)
        self._closing.daemon = True
        self._closing.start()

    def _do(self, work: Coroutine[None, None, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _start(self) -> tuple[Grader, FileGrader]:
        settings = Settings.load()
        bank = Catalog.find(settings.packs)
        logs = settings.logs_folder
        fork_server = ForkServer(logs) if ForkServer.possible(self._device) else None
        grader = Grader(
            logs=logs,
            prewarm=True,
            device=self._device,
            fork_server=fork_server,
            marking=MarkingProcess(),
            share=self._share,
        )
        await grader.start()
        files = FileGrader(
            hidden=settings.cache_folder / "hidden",
            logs=logs,
            device=self._device,
            store=settings.data_store(bank.registry),
            h5_only=self._h5_only,
        )
        return grader, files
