"""Shuts the grading child in before it touches a file.

A model file is data from a stranger, and every Keras loader has had holes. Inspection refuses
what is known; the sandbox protects when inspection misses something. Code in the child can read
Python, its libraries and the job folder with the one model and the hidden inputs. It can append
to its log and its predictions, but not start, signal or contact anything; it can still ask whether
a file exists, its size and times, because no filter can read a path. The sandbox does not protect
the child's answer: code that runs in the child can choose its predictions, but do nothing more,
and no target is there to choose them by.

Three barriers, each used where the system has it: Landlock (which files), seccomp (which system
calls), resource limits (how much). None needs root. `level` says which of them are available,
without entering any.
"""

import contextlib
import ctypes
import os
import platform
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.errors import GraderError
from engine.grading.sandbox import landlock, python_paths, seccomp
from exam_bank.phrase import phrase
from exam_bank.platform import limits, processes

_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITIES_V3 = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91}
_KEEP_READ_SEARCH = 1 << 2  # root in a container must still read other users' files

_OPEN_FILES = 512
# Predictions for 100,000 examples of 160 numbers; the log shares the limit.
LARGEST_FILE = 64 * 1024 * 1024
# Thread stacks and allocator reserves that TensorFlow maps and never touches.
_UNTOUCHED = 2 * 1024**3

# Nothing else in /proc/self, which reveals the environment, mounts and the network.
# TensorFlow aborts without the first; the C library finds a thread's stack in the second.
_OF_ITSELF = ("/proc/self/cmdline", "/proc/self/maps")
_SYSTEM_PATHS = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"),
    *("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"),
    *("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system", "/dev/urandom", "/dev/random"),
)
# Without a card, nobody could measure what its driver can do without.
_PATHS_FOR_A_GPU = ("/proc/self", "/proc/stat", "/sys/fs/cgroup")

FILES = phrase("reads only Python, its libraries and the one submission")
CALLS = phrase("no network, no new processes, no writing")
LIMITS = phrase("limits on memory, processor time and open files")


class Level(NamedTuple):
    """How far a child can shut itself in here: what protects, and what does not."""

    name: str
    holds: tuple[str, ...]
    lacks: tuple[str, ...]

    def __str__(self) -> str:
        if not self.lacks:
            return f"{self.name}: {'; '.join(self.holds)}"
        return f"{self.name}: {'; '.join(self.holds) or '–'}; not here: {'; '.join(self.lacks)}"


def level() -> Level:
    """What `enter` would achieve on this system; cheap, and changes nothing."""
    return _level(files=landlock.abi() > 0, calls=seccomp.available())


def enter(readable: Sequence[Path], *, gpu: bool = False) -> Level:
    """Shut this process in for good: only `readable`, Python and its libraries can be read.

    With `gpu` a few more paths and system calls stay open. Call it while the process has only
    one thread: Landlock does not bind threads that already run, and then the level does not
    claim it. Raises `GraderError` when a barrier that this system has cannot be set up: then
    nothing may be graded.
    """
    try:
        if sys.platform == "linux":
            # First: without it the kernel accepts neither barrier from an ordinary user
            # (seccomp(2), landlock(7)).
            _no_new_privileges()
            _drop_capabilities()
            _keep_open(_OF_ITSELF)
        # Landlock before seccomp, whose filter allows no Landlock calls.
        alone = threads() == 1
        system = map(Path, _OF_ITSELF + _SYSTEM_PATHS + _PATHS_FOR_A_GPU * gpu)
        allowed = [*readable, *python_paths.readable(), *system]
        files = landlock.restrict(allowed, python_paths.listed()) > 0
        calls = seccomp.install(gpu=gpu)
    except OSError as error:
        raise GraderError(
            phrase(
                "The grading process cannot enter its sandbox: {error}. `tfexam doctor` shows "
                "what this system offers.",
                error=error,
            )
        ) from error
    # Nothing can be opened for writing; this bounds what is already open: log and predictions.
    limits.limit_files(_OPEN_FILES, LARGEST_FILE)
    return _level(files=files and alone, calls=calls)


def threads() -> int:
    """How many threads this process has; Python does not count those of libraries."""
    with contextlib.suppress(OSError):
        return sum(1 for _ in Path("/proc/self/task").iterdir())
    return 1


def limit(seconds: float, memory_mb: float) -> None:
    """Set the kernel's own limits for one job, behind those that the parent watches.

    `seconds` are of processor time. `memory_mb` bounds what the process allocates from now on; the
    address space as such is left alone, because TensorFlow reserves far more of it than it uses.
    """
    limits.limit_processor(seconds + 5)
    limits.limit_memory(int(memory_mb * 1e6) + _UNTOUCHED)


def _level(*, files: bool, calls: bool) -> Level:
    barriers = ((FILES, files), (CALLS, calls), (LIMITS, limits.HERE))
    holds = tuple(text for text, there in barriers if there)
    lacks = tuple(text for text, there in barriers if not there)
    return Level(("none", "weak", "partial", "full")[len(holds)], holds, lacks)


def _no_new_privileges() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs was refused")


def _drop_capabilities() -> None:
    """Give up root's powers, if there are any; if that fails, the other barriers remain."""
    number = _CAPSET.get(platform.machine())
    if number is None:
        return
    header = struct.pack("=Ii", _CAPABILITIES_V3, 0)
    kept = _KEEP_READ_SEARCH if processes.is_root() else 0
    sets = struct.pack("=6I", kept, kept, 0, 0, 0, 0)
    ctypes.CDLL(None, use_errno=True).syscall(number, header, sets)


def _keep_open(paths: Sequence[str]) -> None:
    """Keep these files of /proc open: if the kernel recreates one, Landlock no longer allows it."""
    for path in paths:
        with contextlib.suppress(OSError):
            os.open(path, os.O_RDONLY)
