"""Refuses a process what it asks the system for: threads, processes, files, memory.

One `Refusal` at a time is armed: it skips some calls, then refuses for a number of calls
or of seconds. Calls are refused where Python asks (`threading.Thread.start`, `os.open` …);
memory by `MemoryError` at the call of any function of the sitting; and for real, by the
process' own soft limits, which the kernel then enforces.
"""

import builtins
import ctypes
import errno
import functools
import gc
import importlib
import inspect
import io
import os
import pkgutil
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import engine.sitting
from engine import supervisor
from engine.sitting import ledger
from engine.sitting.intake import scanner, watcher

SIMULATED = ("threads", "processes", "descriptors", "memory")
REAL = ("real limit of processes", "real limit of descriptors", "real limit of memory")
KINDS = (*SIMULATED, *REAL)
# What a refusal there costs is made up for by design, and nobody is told: no file events,
# no look at /proc, no sight of the starter for a moment.
_SILENT = ("file_events.py", "open_writers.py", "watchdog", "starter_signature")
_HEARD = {
    scanner.Scanner.look.__code__,
    ledger.Subscribers.guard.__code__,
    watcher.Watcher._looked.__code__,
}
_HEADROOM = 1 << 20
_NOBODY = 65534
_CAPABILITY_VERSION = 0x20080522
_CAP_SYS_ADMIN, _CAP_SYS_RESOURCE = 21, 24


@dataclass
class Refusal:
    """One refusal: `kind` from the call after `skip` on, for `calls` calls or `seconds`."""

    kind: str
    skip: int
    calls: int = 1
    seconds: float = 0.0
    since: float = 0.0
    refused: int = 0
    must_be_heard: bool = False

    @property
    def has_come(self) -> bool:
        """Whether anything was refused."""
        return self.since > 0

    @property
    def is_over(self) -> bool:
        """Whether it refuses nothing any more."""
        if not self.has_come:
            return False
        if self.seconds:
            return time.monotonic() - self.since > self.seconds
        return self.refused >= self.calls


class Refuser:
    """Refuses what is armed, in this whole process, from `installed` on."""

    def __init__(self) -> None:
        self._armed: Refusal | None = None
        self._lock = threading.RLock()
        self._limits: tuple[int, tuple[int, int]] | None = None

    def arm(self, refusal: Refusal) -> None:
        """Refuse by `refusal` from now on."""
        self._armed = refusal
        if refusal.kind in REAL:
            self._tighten(refusal)

    def disarm(self) -> Refusal:
        """Refuse nothing any more; what was armed."""
        was, self._armed = self._armed, None
        self._relax()
        assert was is not None
        return was

    def relax_in_time(self) -> None:
        """Give the kernel's limits back when their time is over."""
        if self._armed is not None and self._armed.is_over:
            self._relax()

    def _relax(self) -> None:
        if self._limits is not None:
            which, limit = self._limits
            resource.setrlimit(which, limit)
            self._limits = None

    def refuses(self, kind: str) -> bool:
        """Whether this call is refused."""
        with self._lock:
            armed = self._armed
            if armed is None or armed.kind != kind:
                return False
            if armed.is_over:
                return False
            if armed.skip > 0:
                armed.skip -= 1
                return False
            armed.since = armed.since or time.monotonic()
            armed.refused += 1
            armed.must_be_heard |= _would_be_heard()
            return True

    def _tighten(self, refusal: Refusal) -> None:
        which, soft = {
            "real limit of processes": (resource.RLIMIT_NPROC, 1),
            "real limit of descriptors": (resource.RLIMIT_NOFILE, 3),
            "real limit of memory": (resource.RLIMIT_AS, _size() + _HEADROOM),
        }[refusal.kind]
        limit = resource.getrlimit(which)
        gc.collect()
        resource.setrlimit(which, (soft, limit[1]))
        self._limits = which, limit
        refusal.since, refusal.refused = time.monotonic(), 1

    # -- where Python asks ---------------------------------------------------------------

    def install(self) -> None:
        """Put the refusals before what asks the system; never undone."""
        many = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        again = BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        thread = RuntimeError("can't start new thread")
        self._put(threading.Thread, "start", "threads", thread)
        self._put(subprocess.Popen, "__init__", "processes", again)
        self._put(os, "fork", "processes", again)
        for where, name in (
            (os, "open"),
            (os, "scandir"),
            (os, "listdir"),
            (os, "pipe"),
            (io, "open"),
            (builtins, "open"),
            (socket, "socketpair"),
        ):
            self._put(where, name, "descriptors", many)
        self._refuse_memory()

    def _put(self, where: Any, name: str, kind: str, error: Exception) -> None:
        true = getattr(where, name)

        @functools.wraps(true)
        def asking(*given: Any, **named: Any) -> Any:
            if self.refuses(kind):
                raise type(error)(*error.args)
            return true(*given, **named)

        setattr(where, name, asking)

    def _refuse_memory(self) -> None:
        """At the call of every function of the sitting, wherever its name is known."""
        modules = [
            importlib.import_module(each.name)
            for each in pkgutil.walk_packages(engine.sitting.__path__, "engine.sitting.")
        ]
        asking: dict[int, Any] = {}
        for module in (*modules, supervisor):
            for owner in (module, *_classes(module)):
                for name, value in list(vars(owner).items()):
                    if inspect.isfunction(value) and value.__module__ == module.__name__:
                        asking[id(value)] = self._asking_for_memory(value)
                        setattr(owner, name, asking[id(value)])
        for module in modules:
            for name, value in list(vars(module).items()):
                if id(value) in asking:
                    setattr(module, name, asking[id(value)])

    def _asking_for_memory(self, true: Callable[..., Any]) -> Callable[..., Any]:
        if true.__name__ in _OF_THE_FRAME:
            return true

        @functools.wraps(true)
        def asking(*given: Any, **named: Any) -> Any:
            if self.refuses("memory"):
                raise MemoryError
            return true(*given, **named)

        return asking


# Called by the test itself, or by the system; what they call is refused.
_OF_THE_FRAME = {
    "as_shown",
    "breathe",
    "run",
    "open",
    "close",
    "start",
    "end",
    "sitting",
    "listen",
    "_close",
    "add",
}


def as_ordinary_user() -> None:
    """Let the limit of processes hold for this process also where it is root's.

    Its real user becomes another, and the right to pass over limits is given up; files
    stay readable, because the effective user stays.
    """
    if os.geteuid():
        return
    os.setreuid(_NOBODY, -1)
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets):
        raise OSError(ctypes.get_errno(), "capget")
    for which in range(3):  # effective, permitted, inheritable
        sets[which] &= ~(1 << _CAP_SYS_ADMIN | 1 << _CAP_SYS_RESOURCE)
    if libc.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


def _classes(module: Any) -> list[type]:
    return [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and each.__module__ == module.__name__
    ]


def _would_be_heard() -> bool:
    """Whether the present call is one whose fault a person must be told of."""
    frame: Any = sys._getframe(2)
    heard = False
    while frame is not None:
        code = frame.f_code
        if any(each in code.co_filename or each == code.co_name for each in _SILENT):
            return False
        heard = heard or code in _HEARD
        frame = frame.f_back
    return heard


def _size() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - spared of patches
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
