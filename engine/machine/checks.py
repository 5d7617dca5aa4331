"""Is this machine fit for an exam? One answer in words a check, each with what to do.

The set-up screen shows them as they come, `tfexam doctor` prints them. TensorFlow is
looked up among the installed distributions and not imported: that takes seconds, and
this process must stay free of it.
"""

import asyncio
import codecs
import errno
import importlib.metadata
import locale
import os
import platform
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from engine.grading.protocol import Message
from engine.machine.gpu import GpuProbe, Gpus, NoGpu, find_probe
from engine.settings import Settings
from exam_bank.catalog import Catalog
from exam_bank.phrase import joined
from exam_bank.platform.kernel import memory
from exam_bank.task_choice import absent

State = Literal["ok", "warning", "failed"]

MINIMUM_DISK = 500 * 10**6
MINIMUM_MEMORY = 4 * 10**9
MINIMUM_TENSORFLOW = (2, 16)
SMALLEST_TERMINAL = (80, 24)
_TENSORFLOW_NAMES = ("tensorflow", "tensorflow-cpu", "tensorflow-macos", "tf-nightly")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: what was looked at, how it is, and what to do where it could be better."""

    name: Message
    state: State
    detail: Message
    fix: Message | None = None


async def run_checks(
    settings: Settings, *, find_gpu: Callable[[], GpuProbe] = find_probe
) -> AsyncIterator[Check]:
    """Every check in turn, each off the event loop; a check that breaks is a warning."""
    questions: tuple[Callable[[], Check], ...] = (
        python,
        tensorflow,
        tf_keras,
        partial(disk, settings.home),
        memory_size,
        partial(gpu, find_gpu),
        sandbox,
        terminal,
        text_encoding,
        partial(writable, Message("Data folder"), settings.home, "TFEXAM_HOME"),
        partial(writable, Message("Workspaces"), settings.workspaces, "TFEXAM_WORKSPACES"),
        partial(task_data, settings),
    )
    for question in questions:
        yield await asyncio.to_thread(_answer, question)


def _answer(question: Callable[[], Check]) -> Check:
    try:
        return question()
    except Exception as error:  # psutil, NVML and locales have errors of their own
        detail = Message("It could not be checked: {error}.", {"error": str(error)})
        return Check(name=Message("System"), state="warning", detail=detail)


def python() -> Check:
    """The interpreter that runs tfexam, which is also the one that grades."""
    version = Message("{version}", {"version": platform.python_version()})
    return Check(name=Message("Python"), state="ok", detail=version)


def tensorflow(names: Sequence[str] = _TENSORFLOW_NAMES) -> Check:
    """Whether a TensorFlow that can grade is installed beside tfexam."""
    name = Message("TensorFlow")
    fix = Message("Install it beside tfexam: pip install 'tensorflow>=2.16,<3'.")
    version = next((found for each in names if (found := _version(each))), None)
    if version is None:
        detail = Message("It is not installed, so no model can be trained or graded.")
        return Check(name=name, state="failed", detail=detail, fix=fix)
    detail = Message("{version}", {"version": version})
    if _numbers(version) < MINIMUM_TENSORFLOW:
        detail = Message("{version} is too old; 2.16 is the first that fits.", detail.facts)
        return Check(name=name, state="failed", detail=detail, fix=fix)
    return Check(name=name, state="ok", detail=detail)


def tf_keras() -> Check:
    """Whether models that Keras 2 saved can be graded."""
    name = Message("Keras 2 models")
    if version := _version("tf-keras"):
        detail = Message("tf-keras {version}", {"version": version})
        return Check(name=name, state="ok", detail=detail)
    return Check(
        name=name,
        state="warning",
        detail=Message("tf-keras is not installed: models that Keras 2 saved may not load."),
        fix=Message("Install it beside tfexam: pip install tf-keras."),
    )


def disk(home: Path) -> Check:
    """Whether a sitting's data, submissions and logs fit beside the others."""
    free = shutil.disk_usage(existing(home)).free
    facts: dict[str, str | int | float] = {"free": gigabytes(free), "folder": str(home)}
    enough = free >= MINIMUM_DISK
    return Check(
        name=Message("Disk"),
        state="ok" if enough else "failed",
        detail=Message("{free} GB free for {folder}", facts),
        fix=None if enough else Message("Free 0.5 GB, or set TFEXAM_HOME to another disk."),
    )


def memory_size() -> Check:
    """Whether training and grading have room side by side."""
    used, total = memory()
    facts: dict[str, str | int | float] = {
        "free": gigabytes(total - used),
        "total": gigabytes(total),
    }
    enough = total >= MINIMUM_MEMORY
    return Check(
        name=Message("Memory"),
        state="ok" if enough else "warning",
        detail=Message("{free} GB free of {total} GB", facts),
        fix=None if enough else Message("4 GB are asked for; a training may run out of memory."),
    )


def gpu(find: Callable[[], GpuProbe] = find_probe) -> Check:
    """The GPUs, or why none is seen; every task can be won without one."""
    probe = find()
    try:
        reading = probe.sample()
    finally:
        probe.close()
    name = Message("GPU")
    match reading:
        case Gpus(samples):
            first = samples[0]
            size = None if first.memory_total is None else gigabytes(first.memory_total)
            facts: dict[str, str | int | float] = {
                "name": first.name or "NVIDIA",
                "memory": "n/a" if size is None else size,
                "count": len(samples),
            }
            return Check(
                name=name, state="ok", detail=Message("{count} × {name}, {memory} GB", facts)
            )
        case NoGpu(reason):
            fix = Message("None is needed: every task can be won on two CPU cores.")
            return Check(name=name, state="warning", detail=reason, fix=fix)


def sandbox() -> Check:
    """How well a grading child can shut itself in on this system."""
    from engine.grading.sandbox import level

    found = level()
    if not found.lacks:
        detail = Message("Grading is shut in: {holds}.", {"holds": joined("; ", found.holds)})
        return Check(name=Message("Sandbox"), state="ok", detail=detail)
    return Check(
        name=Message("Sandbox"),
        state="warning",
        detail=Message("This system lacks: {lacks}.", {"lacks": joined("; ", found.lacks)}),
        fix=Message("Grade only models that you trust."),
    )


def terminal(environment: Mapping[str, str] | None = None) -> Check:
    """Whether the screens have room and colours."""
    variables = os.environ if environment is None else environment
    columns, lines = shutil.get_terminal_size()
    facts: dict[str, str | int | float] = {
        "columns": columns,
        "lines": lines,
        "term": variables.get("TERM", "") or "?",
    }
    detail = Message("{columns}×{lines}, {term}", facts)
    fix = None
    if columns < SMALLEST_TERMINAL[0] or lines < SMALLEST_TERMINAL[1]:
        fix = Message("Make the window at least 80×24; 120×40 is at ease.")
    elif variables.get("TERM", "") in {"", "dumb"}:
        fix = Message("Set TERM to what the terminal is, such as xterm-256color.")
    state: State = "warning" if fix else "ok"
    return Check(name=Message("Terminal"), state=state, detail=detail, fix=fix)


def text_encoding(encoding: str | None = None) -> Check:
    """Whether the locale can show lines, ticks and Chinese."""
    encoding = encoding or locale.getpreferredencoding(False)
    good = codecs.lookup(encoding).name == "utf-8"
    return Check(
        name=Message("Text"),
        state="ok" if good else "warning",
        detail=Message("{encoding}", {"encoding": encoding}),
        fix=None if good else Message("Use a UTF-8 locale, such as LANG=C.UTF-8."),
    )


def writable(name: Message, folder: Path, variable: str) -> Check:
    """Whether `folder` can be written, or made where it is not there yet."""
    facts: dict[str, str | int | float] = {"folder": str(folder), "variable": variable}
    try:
        _refuse_files(folder)
        # A real file is the only sure test: access bits know nothing of read-only mounts.
        with tempfile.TemporaryFile(dir=existing(folder)):
            pass
    except OSError as error:
        facts["error"] = error.strerror or str(error)
        return Check(
            name=name,
            state="failed",
            detail=Message("{folder} cannot be written: {error}.", facts),
            fix=Message("Mend its permissions, or set {variable} to another folder.", facts),
        )
    return Check(name=name, state="ok", detail=Message("{folder}", facts))


def task_data(settings: Settings) -> Check:
    """From how many tasks a paper can be drawn with the data sets that are here."""
    bank = Catalog.find(settings.packs)
    missing = absent(bank, settings.data_store(bank.registry).look(remember=False))
    facts: dict[str, str | int | float] = {
        "here": len(bank.tasks) - len(missing),
        "tasks": len(bank.tasks),
    }
    if bank.faults:
        return Check(
            name=Message("Data sets"),
            state="warning",
            detail=Message("{fault}", {"fault": bank.faults[0].message}),
            fix=Message("{fix}", {"fix": bank.faults[0].fix}),
        )
    # Offline is normal: what is made here is enough for an exam.
    return Check(
        name=Message("Data sets"),
        state="ok",
        detail=Message("Papers are drawn from {here} of {tasks} tasks.", facts),
        fix=Message("For the others: tfexam data fetch --all") if missing else None,
    )


def _refuse_files(folder: Path) -> None:
    """Raise `NotADirectoryError` when a file stands where `folder` is or would be made."""
    for each in (folder, *folder.parents):
        if each.is_dir():
            return
        if each.exists() or each.is_symlink():
            raise NotADirectoryError(errno.ENOTDIR, f"{each} is not a folder")


def existing(folder: Path) -> Path:
    """`folder`, or the nearest folder above it that is there."""
    return next((each for each in (folder, *folder.parents) if each.is_dir()), Path.cwd())


def gigabytes(size: int) -> float:
    """Bytes as GB with one decimal."""
    return round(size / 10**9, 1)


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The first two numbers of a version: "2.17.0rc1" is (2, 17)."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])
