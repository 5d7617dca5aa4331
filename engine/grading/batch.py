"""Grades many files: what `tfexam grade` does, each file by itself.

Every worker is a `Grader` of its own, so a file that hangs or crashes takes nothing from
the others. Hidden sets are made once for each task, seed and state of the task's code,
while the first children already import TensorFlow. Answers come in the order of the
files, whichever was graded first.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.errors import DataError
from engine.grading.child import COMMAND
from engine.grading.grader import Grader
from engine.grading.nursery import Nursery
from engine.grading.protocol import Device, Grade, Job, failed
from exam_bank.datasets.store import Store
from exam_bank.identity import of_material
from exam_bank.phrase import phrase
from exam_bank.preparation import Order, prepare
from exam_bank.task import Task

_CHUNK = 1 << 20


class Entry(NamedTuple):
    """One file to grade, for which task, against the hidden set of which seed."""

    path: Path
    task: Task
    seed: int


class Outcome(NamedTuple):
    """What grading `entry` gave; `sha256` is empty when the file could not be read."""

    entry: Entry
    sha256: str
    grade: Grade


async def grade_files(
    files: Sequence[Entry],
    *,
    cache: Path,
    logs: Path,
    workers: int = 1,
    device: Device = "cpu",
    command: Sequence[str] = COMMAND,
    store: Store | None = None,
    on_done: Callable[[Outcome], None] = lambda _: None,
) -> AsyncGenerator[Outcome, None]:
    """Grade `files` with `workers` graders at once; yields in the order of `files`.

    `store` tells where the data sets lie that tasks may need.
    `on_done` is called for each file as soon as it is graded, in any order. Whatever is
    wrong with a file or a task's data is that file's grade; nothing is raised for it.
    """
    batch = _Batch(files, cache / "hidden", device, store or Store(cache / "datasets"), on_done)
    # A single file gains nothing by a fork.
    forks = len(files) > 1 and tuple(command) == COMMAND and Nursery.possible(device)
    nursery = Nursery(logs) if forks else None
    count = max(1, min(workers, len(files)))
    graders = [
        Grader(
            logs=logs, prewarm=False, device=device, command=command, nursery=nursery, share=count
        )
        for _ in range(count)
    ]
    running = [asyncio.create_task(batch.work(each)) for each in graders]
    try:
        for waiting in batch.outcomes:
            yield await waiting
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.gather(*(each.close() for each in graders))
        batch.forget()


class _Batch:
    """The files of one call, what is left of them, and the hidden sets they need."""

    def __init__(
        self,
        files: Sequence[Entry],
        hidden: Path,
        device: Device,
        store: Store,
        on_done: Callable[[Outcome], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        self.outcomes: list[asyncio.Future[Outcome]] = [loop.create_future() for _ in files]
        self._left = list(zip(files, self.outcomes, strict=True))[::-1]
        self._hidden = hidden
        self._device: Device = device
        self._store = store
        self._on_done = on_done
        self._made: dict[Path, asyncio.Task[None]] = {}
        self._states: dict[Path, str] = {}

    async def work(self, grader: Grader) -> None:
        """Grade with `grader` until no file is left."""
        grader.warm()
        await grader.start()
        while self._left:
            entry, waiting = self._left.pop()
            # The last child of a grader would be warmed for nobody.
            grader.prewarm = bool(self._left)
            try:
                outcome = await self._outcome(entry, grader)
            except Exception as error:  # one file's trouble never ends the others' grading
                outcome = Outcome(entry, "", failed(f"{type(error).__name__}: {error}"))
            self._on_done(outcome)
            waiting.set_result(outcome)

    def forget(self) -> None:
        """Leave nothing that waits for an outcome that will not come."""
        for waiting in self.outcomes:
            waiting.cancel()
        for making in self._made.values():
            making.cancel()

    async def _outcome(self, entry: Entry, grader: Grader) -> Outcome:
        sha256 = await asyncio.to_thread(digest, entry.path)
        try:
            hidden = await self._hidden_set(entry)
        except (DataError, OSError) as error:
            return Outcome(
                entry, sha256, failed(phrase("The hidden set cannot be made: {error}", error=error))
            )
        says = entry.task.says
        job = Job(
            submission=sha256,
            task=says.id,
            category=says.category,
            model=str(entry.path.absolute()),
            hidden=str(hidden),
            contract=says.contract,
            mark_scheme=says.mark_scheme,
            limits=says.limits,
            device=self._device,
        )
        return Outcome(entry, sha256, await grader.grade(job))

    async def _hidden_set(self, entry: Entry) -> Path:
        """The folder of the hidden set, made at most once however many files need it."""
        task = entry.task
        if task.folder not in self._states:
            self._states[task.folder] = of_material(task, self._store.registry).hex()[:16]
        folder = self._hidden / f"{task.id}-{entry.seed}-{self._states[task.folder]}"
        if folder not in self._made:
            self._made[folder] = asyncio.create_task(_make(entry, folder, self._store))
        await asyncio.shield(self._made[folder])
        return folder


async def _make(entry: Entry, folder: Path, store: Store) -> None:
    if (folder / "hidden.json").is_file():
        return
    task, source = entry.task, entry.task.says.source
    dataset = (await asyncio.to_thread(store.of_sources, [source]))[source]
    await prepare([Order(task.id, str(task.folder), entry.seed, str(folder), dataset=dataset)])


def digest(path: Path) -> str:
    """The SHA-256 of a file; empty when it is no file that can be read."""
    found = hashlib.sha256()
    with contextlib.suppress(OSError):
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
        return found.hexdigest()
    return ""
