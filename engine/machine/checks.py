"""Is this machine fit for an exam? Each check answers in words and says what to do.

The set-up screen shows the answers as they come, `tfexam doctor` prints them. TensorFlow
is looked up among the installed distributions, not imported: importing takes seconds,
and this process must stay free of it.
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

from engine.grading.protocol import Fact, Message
from engine.machine.gpu import GpuProbe, NoGpu, find_probe
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


class Check(msgspec.Struct, frozen=True):
    """One answer: what was checked, the result, and what to do about it."""

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
    except Exception as error:  # psutil, NVML and locales raise errors of their own
        detail = Message("It could not be checked: {error}.", {"error": str(error)})
        return Check(Message("System"), "warning", detail)


def python() -> Check:
    """The interpreter that runs tfexam, which is also the one that grades."""
    version = Message("{version}", {"version": platform.python_version()})
    return Check(Message("Python"), "ok", version)


def tensorflow(names: Sequence[str] = _TENSORFLOW_NAMES) -> Check:
    """Whether a TensorFlow that can grade is installed beside tfexam."""
    name = Message("TensorFlow")
    fix = Message("Install it where tfexam is installed: pip install 'tensorflow>=2.16,<3'.")
    version = next((found for each in names if (found := _version(each))), None)
    if version is None:
        detail = Message("It is not installed, so no model can be trained or graded.")
        return Check(name, "failed", detail, fix)
    detail = Message("{version}", {"version": version})
    if _numbers(version) < MINIMUM_TENSORFLOW:
        detail = Message("{version} is too old; use 2.16 or newer.", detail.facts)
        return Check(name, "failed", detail, fix)
    return Check(name, "ok", detail)


def tf_keras() -> Check:
    """Whether models saved by Keras 2 can be graded."""
    name = Message("Keras 2 models")
    if version := _version("tf-keras"):
        return Check(name, "ok", Message("tf-keras {version}", {"version": version}))
    detail = Message("tf-keras is not installed: models that Keras 2 saved may not load.")
    return Check(
        name,
        "warning",
        detail,
        Message("Install it where tfexam is installed: pip install tf-keras."),
    )


def disk(home: Path) -> Check:
    """Whether there is room for a sitting's data, submissions and logs."""
    free = shutil.disk_usage(existing(home)).free
    facts: dict[str, Fact] = {"free": gigabytes(free), "folder": str(home)}
    detail = Message("{free} GB free for {folder}", facts)
    if free >= MINIMUM_DISK:
        return Check(Message("Disk"), "ok", detail)
    fix = Message("Free 0.5 GB, or set TFEXAM_HOME to another disk.")
    return Check(Message("Disk"), "failed", detail, fix)


def memory_size() -> Check:
    """Whether training and grading fit in memory side by side."""
    used, total = memory()
    facts: dict[str, Fact] = {"free": gigabytes(total - used), "total": gigabytes(total)}
    detail = Message("{free} GB free of {total} GB", facts)
    if total >= MINIMUM_MEMORY:
        return Check(Message("Memory"), "ok", detail)
    fix = Message("4 GB are recommended; training may run out of memory.")
    return Check(Message("Memory"), "warning", detail, fix)


def gpu(find: Callable[[], GpuProbe] = find_probe) -> Check:
    """The GPUs, or why none is visible; no task needs one for full marks."""
    probe = find()
    try:
        reading = probe.sample()
    finally:
        probe.close()
    name = Message("GPU")
    if isinstance(reading, NoGpu):
        fix = Message("You do not need one: two CPU cores are enough for full marks on every task.")
        return Check(name, "warning", reading.reason, fix)
    first = reading.samples[0]
    facts: dict[str, Fact] = {
        "name": first.name or "NVIDIA",
        "memory": "n/a" if first.memory_total is None else gigabytes(first.memory_total),
        "count": len(reading.samples),
    }
    return Check(name, "ok", Message("{count} × {name}, {memory} GB", facts))


def sandbox() -> Check:
    """How well a grading child can sandbox itself on this system."""
    from engine.grading.sandbox import level

    found, name = level(), Message("Sandbox")
    if not found.lacks:
        detail = Message("Grading is sandboxed: {holds}.", {"holds": joined("; ", found.holds)})
        return Check(name, "ok", detail)
    detail = Message("This system lacks: {lacks}.", {"lacks": joined("; ", found.lacks)})
    return Check(name, "warning", detail, Message("Grade only models that you trust."))


def terminal(environment: Mapping[str, str] | None = None) -> Check:
    """Whether the terminal is large enough and has colours."""
    term = (os.environ if environment is None else environment).get("TERM", "")
    size = shutil.get_terminal_size()
    facts: dict[str, Fact] = {
        "columns": size[0],
        "lines": size[1],
        "term": term or "?",
    }
    detail, fix = Message("{columns}×{lines}, {term}", facts), None
    if any(have < needed for have, needed in zip(size, SMALLEST_TERMINAL, strict=True)):
        fix = Message("Make the window at least 80×24; 120×40 is comfortable.")
    elif term in {"", "dumb"}:
        fix = Message("Set TERM to your terminal's type, such as xterm-256color.")
    return Check(Message("Terminal"), "warning" if fix else "ok", detail, fix)


def text_encoding(encoding: str | None = None) -> Check:
    """Whether the locale can show box lines, ticks and Chinese."""
    encoding = encoding or locale.getpreferredencoding(False)
    detail = Message("{encoding}", {"encoding": encoding})
    if codecs.lookup(encoding).name == "utf-8":
        return Check(Message("Text"), "ok", detail)
    fix = Message("Use a UTF-8 locale, such as LANG=C.UTF-8.")
    return Check(Message("Text"), "warning", detail, fix)


def writable(name: Message, folder: Path, variable: str) -> Check:
    """Whether `folder` can be written, or created if it does not exist."""
    facts: dict[str, Fact] = {"folder": str(folder), "variable": variable}
    try:
        _refuse_files(folder)
        # Only a real file is a sure test: access bits say nothing about read-only mounts.
        with tempfile.TemporaryFile(dir=existing(folder)):
            pass
    except OSError as error:
        facts["error"] = error.strerror or str(error)
        detail = Message("{folder} cannot be written: {error}.", facts)
        fix = Message("Fix its permissions, or set {variable} to another folder.", facts)
        return Check(name, "failed", detail, fix)
    return Check(name, "ok", Message("{folder}", facts))


def task_data(settings: Settings) -> Check:
    """How many tasks a paper can be drawn from with the data sets on this machine."""
    bank = Catalog.find(settings.packs)
    missing = absent(bank, settings.data_store(bank.registry).look(remember=False))
    facts: dict[str, Fact] = {
        "here": len(bank.tasks) - len(missing),
        "tasks": len(bank.tasks),
    }
    name = Message("Data sets")
    if bank.faults:
        detail = Message("{fault}", {"fault": bank.faults[0].message})
        return Check(name, "warning", detail, Message("{fix}", {"fix": bank.faults[0].fix}))
    # Offline is normal: the tasks whose data are generated are enough for an exam.
    detail = Message("Papers are drawn from {here} of {tasks} tasks.", facts)
    fix = Message("For the others: tfexam data fetch --all") if missing else None
    return Check(name, "ok", detail, fix)


def _refuse_files(folder: Path) -> None:
    """Raise `NotADirectoryError` if a file is in the way of `folder`."""
    for each in (folder, *folder.parents):
        if each.is_dir():
            return
        if each.exists() or each.is_symlink():
            raise NotADirectoryError(errno.ENOTDIR, f"{each} is not a folder")


def existing(folder: Path) -> Path:
    """`folder`, or its nearest ancestor that exists."""
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
