"""How busy the machine is: CPU, memory, and the trainings the candidate has started.

The exam screen shows it every second beside the GPU, so a sample must be cheap: the
process list is searched only every few seconds.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil

from engine.clock import Clock, Instant, SystemClock
from exam_bank.platform.kernel import memory

SCAN_SECONDS = 5.0
_PYTHON = re.compile(r"^(i?python|pypy)[\d.]*(\.exe)?$", re.IGNORECASE)
_OURS = ("engine.", "exam_bank.", "tui.")


class TrainingProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A Python program of the workspace that is running now.

    `place` is its folder in the workspace, such as Category2. `cpu_percent` is of one core,
    so it can exceed 100; None until seen twice. `memory` is resident bytes.
    """

    pid: int
    command: str
    place: str = ""
    cpu_percent: float | None
    memory: int


class UsageSample(msgspec.Struct, frozen=True, kw_only=True):
    """The machine at one moment: CPU of all cores in percent, memory in bytes."""

    cpu_percent: float
    memory_used: int
    memory_total: int
    training: tuple[TrainingProcess, ...] = ()


class UsageProbe:
    """Samples the machine and, given a `workspace`, the Python programs running in it."""

    def __init__(self, workspace: Path | None, *, clock: Clock | None = None) -> None:
        self._workspace = workspace.resolve() if workspace else None
        self._clock = clock or SystemClock()
        self._scanned: Instant | None = None
        self._training: dict[int, psutil.Process] = {}
        self._known: dict[int, tuple[str, str]] = {}
        self._fresh: set[int] = set()
        psutil.cpu_percent(None)  # the first value is meaningless; each counts from the one before

    def sample(self) -> UsageSample:
        """One sample; CPU use is averaged since the previous sample."""
        used, total = memory()
        return UsageSample(
            cpu_percent=psutil.cpu_percent(None),
            memory_used=used,
            memory_total=total,
            training=tuple(self._trainings()),
        )

    def _trainings(self) -> Iterator[TrainingProcess]:
        now = self._clock.now()
        if self._scanned is None or now.since(self._scanned) >= SCAN_SECONDS:
            self._scanned = now
            self._scan()
        for pid, process in list(self._training.items()):
            try:
                yield self._read(process)
            except psutil.Error:
                del self._training[pid]

    def _read(self, process: psutil.Process) -> TrainingProcess:
        with process.oneshot():
            percent = process.cpu_percent(None)
            # psutil counts from its previous call: the first value for a process is always 0.
            seen_before = process.pid not in self._fresh
            self._fresh.discard(process.pid)
            command, place = self._known[process.pid]
            return TrainingProcess(
                pid=process.pid,
                command=command,
                place=place,
                cpu_percent=percent if seen_before else None,
                memory=process.memory_info().rss,
            )

    def _scan(self) -> None:
        if self._workspace is None:
            return
        found = {each.process.pid: each for each in _programs_in(self._workspace)}
        self._fresh |= found.keys() - self._training.keys()
        self._training = {pid: self._training.get(pid, each.process) for pid, each in found.items()}
        self._known = {pid: (each.command, each.place) for pid, each in found.items()}


class _PythonProgram(NamedTuple):
    process: psutil.Process
    command: str
    place: str


def _programs_in(workspace: Path) -> Iterator[_PythonProgram]:
    """The Python programs of `workspace`, except those tfexam itself started."""
    ours = _family()
    for process in psutil.process_iter():
        try:
            # Not process.name(): for a script with a #! line that is the script's name.
            command = process.cmdline()
            if process.pid in ours or not command or not _PYTHON.match(Path(command[0]).name):
                continue
            folder = Path(process.cwd())
            if runs_in(workspace, command, folder):
                yield _PythonProgram(process, _shown(command), _place(workspace, command, folder))
        except (psutil.Error, OSError):
            continue  # ended meanwhile, or another account's


def _family() -> set[int]:
    me = psutil.Process()
    return {os.getpid(), *(child.pid for child in me.children(recursive=True))}


def runs_in(workspace: Path, command: Sequence[str], folder: Path) -> bool:
    """Whether a Python command line started in `folder` is a program of `workspace`.

    For a script, its location counts, so that an editor's language server, which merely
    starts there, is not taken for a training. `-m`, `-c` and notebook kernels have no
    script; for them the folder they run in counts.
    """
    script = _script(command)
    if script is None:
        module = command[command.index("-m") + 1] if "-m" in command[:-1] else ""
        return not module.startswith(_OURS) and folder.is_relative_to(workspace)
    return (folder / script).resolve().is_relative_to(workspace)


def _place(workspace: Path, command: Sequence[str], folder: Path) -> str:
    """The folder of the workspace that a program belongs to, such as Category2."""
    script = _script(command)
    where = folder if script is None else (folder / script).resolve().parent
    if not where.is_relative_to(workspace) or where == workspace:
        return ""
    return where.relative_to(workspace).parts[0]


def _script(command: Sequence[str]) -> str | None:
    """The script in a Python command line; None for `-m`, `-c` and the bare interpreter."""
    rest = iter(command[1:])
    for word in rest:
        if word in {"-m", "-c", "-"}:
            return None
        if word in {"-X", "-W"}:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def _shown(command: Sequence[str]) -> str:
    """A command line cut for a panel: it starts at the script, or else at the interpreter."""
    script = _script(command)
    start = 0 if script is None else command.index(script, 1)
    words = [Path(word).name if os.sep in word else word for word in command[start : start + 4]]
    return " ".join(words)[:80]
