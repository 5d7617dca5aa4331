"""Makes the data of a paper's tasks in subprocesses, with progress.

`prepare` runs in the app, which must never import numpy, wait for a generator or crash
with a task's code. So a separate child makes each order (`python -m
exam_bank.preparation`), two at a time. The seed goes through stdin, where no process
listing shows it. The child ends when that pipe closes, so it never outlives the app, and
its process group is killed when `prepare` is cancelled.
"""

import asyncio
import contextlib
import errno
import hashlib
import importlib.util
import os
import secrets
import shutil
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import IO, TYPE_CHECKING, NoReturn, Self

import msgspec

from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.paper import Part
from exam_bank.phrase import Phrase, phrase
from exam_bank.placing import place, sweep
from exam_bank.platform import processes
from exam_bank.platform.thread_start import refuse_dead_threads

if TYPE_CHECKING:
    from exam_bank.material import Material

AT_ONCE = 2
_LOG_TAIL = 600
_MEGABYTE = 1_000_000
_LITTLE_MB = 50


class Order(msgspec.Struct, frozen=True):
    """Make the data of one task with one seed, and put them here.

    `folder` is the task's folder, `hidden` the folder the hidden set is written to,
    `files` the category folder for the candidate's files (None: the hidden set only).
    `dataset` holds the files of the data set that the task's `source` names.
    `part` says which hidden set; the second needs the `secret`, in hex (`second/`).
    """

    task: str
    folder: str
    seed: int
    hidden: str
    files: str | None = None
    dataset: LocalDataset | None = None
    part: Part = "whole"
    secret: str = ""


class Step(msgspec.Struct, frozen=True):
    """`done` of `total` orders are made; `task` is the last one made, or the first to make."""

    task: str
    done: int
    total: int


class _Request(msgspec.Struct, frozen=True):
    """What a child is given: the order, and the token that names its staging folders."""

    order: Order
    token: str

    @property
    def targets(self) -> tuple[Path, ...]:
        order = self.order
        return tuple(Path(each) for each in (order.hidden, order.files) if each is not None)


class _Said(msgspec.Struct, frozen=True):
    """A phrase on its way through a pipe; any other string becomes the only fact of one."""

    template: str
    facts: dict[str, str] = {}

    @classmethod
    def of(cls, text: str) -> Self:
        if not isinstance(text, Phrase):
            return cls("{text}", {"text": text})
        return cls(text.template, {name: str(fact) for name, fact in text.facts.items()})

    @property
    def phrase(self) -> Phrase:
        return Phrase(self.template, dict(self.facts))


class _Answer(msgspec.Struct, frozen=True):
    """What a child answers; `fault` is None when everything was made and put in place."""

    fault: _Said | None = None
    fix: _Said | None = None


def _answer(fault: str, fix: str = "") -> _Answer:
    return _Answer(_Said.of(fault), _Said.of(fix) if fix else None)


def hidden_name(task: str, seed: int, part: Part = "whole", secret: str = "") -> str:
    """A folder's name for this hidden set; it does not give the secret away."""
    whole = f"{task}-{seed}"
    if part == "whole":
        return whole
    if part == "first":
        return f"{whole}-first"
    return f"{whole}-second-{hashlib.sha256(secret.encode()).hexdigest()[:16]}"


async def prepare(
    orders: Sequence[Order], on_step: Callable[[Step], None] = lambda _: None
) -> None:
    """Make and place the data of `orders`, at most `AT_ONCE` at a time.

    Calls `on_step` once at the start (done=0) and after each order. An order writes all its
    files or none. Raises `DataError`, naming the task and the reason, for the first order
    that fails; the others are stopped.
    """
    if not orders:
        return
    on_step(Step(orders[0].task, 0, len(orders)))
    done = 0
    room = asyncio.Semaphore(AT_ONCE)

    async def make(order: Order) -> None:
        nonlocal done
        async with room:
            await _make_in_child(_Request(order, secrets.token_hex(4)))
        done += 1
        on_step(Step(order.task, done, len(orders)))

    try:
        async with asyncio.TaskGroup() as group:
            for order in orders:
                group.create_task(make(order))
    except BaseExceptionGroup as faults:
        raise faults.exceptions[0] from None


async def _make_in_child(request: _Request) -> None:
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "exam_bank.preparation"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            creationflags=processes.OWN_GROUP,
            env=_one_thread(),
        )
        try:
            answer = await _converse(process, request)
        finally:
            processes.kill_group(process)
            await process.wait()
            sweep(request.token, *request.targets)
        if answer is None:
            answer = _died(process.returncode, log)
    if answer.fault is not None:
        task = request.order.task
        raise DataError(
            phrase(
                "The data of {task} could not be made: {fault}",
                task=task,
                fault=answer.fault.phrase,
            ),
            fix=answer.fix.phrase if answer.fix is not None else "",
        )


async def _converse(process: asyncio.subprocess.Process, request: _Request) -> _Answer | None:
    """The child's answer; None if it died without one. Its stdin stays open."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(msgspec.json.encode(request) + b"\n")
        await process.stdin.drain()
    line = await process.stdout.readline()
    return msgspec.json.decode(line, type=_Answer) if line.endswith(b"\n") else None


def _one_thread() -> dict[str, str]:
    """A child's environment: two children share the cores, so neither starts threads."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _died(status: int | None, log: IO[bytes]) -> _Answer:
    log.seek(0)
    said = log.read().decode(errors="replace").strip()[-_LOG_TAIL:]
    return _answer(
        phrase(
            "the process that makes it ended with status {status}. {said}", status=status, said=said
        ),
        phrase("Try again; if it happens again, free some memory."),
    )


# -- in the child ----------------------------------------------------------------------


def make_material(folder: Path, seed: int, dataset: LocalDataset | None = None) -> "Material":
    """Run the `data.py` of the task in `folder` in this process.

    Passes `dataset` to its `make`, if there is one. Raises `DataError` when there is no
    `make` or it does not return a `Material`, and whatever its code raises.
    """
    from exam_bank.material import Material

    path = folder / "data.py"
    if not path.is_file():
        raise DataError(
            phrase("{path} is missing.", path=path), fix=phrase("Every task folder needs one.")
        )
    with _nothing_compiled():
        make = getattr(_module(path), "make", None)
        if not callable(make):
            raise DataError(
                phrase("{path} has no function make(seed).", path=path),
                fix=phrase("See exam_bank/README.md."),
            )
        material = make(seed) if dataset is None else make(seed, dataset)
    if not isinstance(material, Material):
        raise DataError(phrase("make(seed) of {path} does not return a Material.", path=path))
    return material


class _AsWritten(SourceFileLoader):
    """Runs the source that a person can read, never a compiled file next to it."""

    def path_stats(self, path: str) -> NoReturn:
        """Refuse: without these Python neither looks for a compiled file nor writes one."""
        raise OSError(path)


def _module(path: Path) -> ModuleType:
    name = f"_data_of_{path.parent.name}"
    loader = _AsWritten(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


@contextlib.contextmanager
def _nothing_compiled() -> Iterator[None]:
    """Leave no compiled files in a pack: they would change what was trusted."""
    was, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = was


def material_of(order: Order) -> "Material":
    """Run the task of `order` in this process, for the hidden set that it asks for.

    Raises as `make_material` does, and `DataError` for a task that has no second set.
    """
    from exam_bank.second.cut import cut
    from exam_bank.second.draws import drawn_again

    def make() -> "Material":
        return make_material(Path(order.folder), order.seed, order.dataset)

    if order.part == "whole" or (order.part == "first" and order.dataset is None):
        return make()
    if order.dataset is not None:
        return cut(make(), order.seed, order.part)
    return drawn_again(make, bytes.fromhex(order.secret))


def _make(request: _Request) -> _Answer:
    order = request.order
    try:
        material = material_of(order)
        files = None if order.files is None else Path(order.files)
        place(material, hidden=Path(order.hidden), files=files, token=request.token)
    except DataError as error:
        return _answer(error.message, error.fix)
    except OSError as error:
        return _of_system(error, Path(order.hidden))
    except MemoryError:
        return _answer(phrase("there is not enough memory."), phrase("Close other programs."))
    except BaseException as error:  # a task's code may raise anything, SystemExit too
        traceback.print_exc()
        return _of_code(error, Path(order.folder))
    return _Answer()


def _of_system(error: OSError, target: Path) -> _Answer:
    free = shutil.disk_usage(_existing(target)).free // _MEGABYTE
    # numpy reports a short write without an errno.
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or (error.errno is None and free < _LITTLE_MB):
        place = _existing(target)
        return _answer(
            phrase("the disk is full ({free} MB free at {place}).", free=free, place=place),
            phrase("Free some space, or choose a folder on another disk."),
        )
    return _answer(
        f"{error.filename or target}: {error.strerror or error}.",
        phrase("Check the folder and its permissions."),
    )


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.absolute().parents) if each.exists())


def _of_code(error: BaseException, folder: Path) -> _Answer:
    """The fault in a task's code, with the last of its lines that ran."""
    lines = traceback.extract_tb(error.__traceback__)
    own = [each for each in lines if Path(each.filename).is_relative_to(folder)]
    where = f"{own[-1].filename}, line {own[-1].lineno}" if own else str(folder / "data.py")
    return _answer(
        f"{type(error).__name__}: {str(error)[:_LOG_TAIL]} ({where}).",
        phrase("This is a fault in the task: tell its author, or choose another task."),
    )


def _die_with_the_parent(request: _Request) -> None:
    """End the whole process group as soon as stdin closes, leaving nothing half made."""
    # Not through sys.stdin: its lock, held by this thread, would upset Python's shutdown.
    while os.read(0, 4096):
        pass
    sweep(request.token, *request.targets)
    processes.leave_with_group(1)


def main() -> None:
    """Carry out the one request that stdin holds, and answer on stdout."""
    # What a task's code prints must not mix with the answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    request = msgspec.json.decode(sys.stdin.buffer.readline(), type=_Request)
    refuse_dead_threads()
    threading.Thread(target=_die_with_the_parent, args=(request,), daemon=True).start()
    answer = _make(request)
    answers.write(msgspec.json.encode(answer) + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
