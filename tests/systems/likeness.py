"""Makes this Linux process as much like Python on Windows, or macOS, as possible.

Our modules get stand-ins for `os`, `sys`, `signal` and others, which lack what that system
lacks; Python's own modules and the libraries keep the real ones, because there they use other
calls. On Windows files are guarded too: nobody can rename, replace or remove a file that is
open or read-only, open a folder, or use certain names. Paths keep their slashes, and speed is
not imitated.

Call `put_on` first in a fresh process: it imports what our modules import, before they do.
"""

import ast
import asyncio
import contextlib
import errno
import importlib
import os
import re
import select
import signal
import socket
import stat
import sys
import threading
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import psutil

from tests.systems.typeshed import lacking

ROOT = Path(__file__).parents[2]
OURS = ("tui", "engine", "exam_bank")
_STOOD_IN_FOR = ("os", "sys", "signal", "socket", "select", "time", "errno", "mmap", "subprocess")
_MISSING = (
    *("fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"),
)
# No file events either, so that folders are polled.
_REFUSED = ("watchdog.observers",)

O_BINARY = 1 << 30
SIGBREAK = signal.SIGUSR1
_RESERVED = re.compile(
    r'[<>:"|?*\x00-\x1f]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE
)


def put_on(system: str, below: Path, heavy: Sequence[str] = ()) -> None:
    """Behave like `system` from now on, guarding the files below `below`."""
    for name in [*_imported_by_ours(), *heavy]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    assert not {name.partition(".")[0] for name in sys.modules} & set(OURS)
    instead = _ON_WINDOWS if system == "win32" else _ON_MACOS
    for name in (*_STOOD_IN_FOR, *(() if system == "win32" else ("fcntl", "resource"))):
        true = importlib.import_module(name)
        own = {"platform": system} if name == "sys" else instead.get(name, {})
        sys.modules[name] = _StandIn(true, lacking(name, system), own)
    for name in (*_REFUSED, *(_MISSING if system == "win32" else ())):
        sys.modules[name] = None  # type: ignore[assignment]
    if system == "win32":
        psutil.BELOW_NORMAL_PRIORITY_CLASS = 10  # type: ignore[attr-defined]
        psutil.NORMAL_PRIORITY_CLASS = 0  # type: ignore[attr-defined]
        sys.addaudithook(_Guard(below))


def run(system: str, main: Callable[[], Any]) -> Any:
    """Run `main` in a loop that can do no more than the system's."""
    with asyncio.Runner(loop_factory=_Loop if system == "win32" else None) as runner:
        return runner.run(main())


class _StandIn(types.ModuleType):
    """A module without some of its names, and with others replaced."""

    def __init__(self, true: Any, without: frozenset[str], instead: dict[str, Any]) -> None:
        super().__init__(true.__name__, true.__doc__)
        self.__dict__["_looked_up"] = lambda name: getattr(true, name)
        self.__dict__["_without"] = without
        self.__dict__.update(instead)

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__["_without"]:
            raise AttributeError(f"there is no {self.__name__}.{name} here")
        return self.__dict__["_looked_up"](name)


def _not_there(*_: Any) -> NoReturn:
    raise NotImplementedError


class _Loop(asyncio.SelectorEventLoop):
    """A loop without these methods; Python's own code uses the internals behind them."""


# As in a ProactorEventLoop: docs.python.org/3/library/asyncio-platforms.html
for name in ("add_reader", "add_writer", "add_signal_handler"):
    setattr(_Loop, name, _not_there)


def _imported_by_ours() -> Iterator[str]:
    names = set()
    for floor in OURS:
        for path in (ROOT / floor).rglob("*.py"):
            if "tasks" not in path.parts:
                names |= set(_imports(ast.parse(path.read_text(encoding="utf-8"))))
    heavy = {*OURS, "tensorflow", "keras", "tf_keras", "h5py", "numpy", "PIL", "textual", "rich"}
    heavy |= {"textual_serve", "aiohttp", *_MISSING}
    yield from sorted(name for name in names if name.partition(".")[0] not in heavy)
    yield from ("asyncio.subprocess", "click.testing", "concurrent.futures.thread")
    yield from ("multiprocessing.connection", "xml.etree.ElementTree")


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


# -- descriptors: text unless opened as binary, and select only on sockets --------------

_text: set[int] = set()


def _open(path: Any, flags: int, mode: int = 0o777) -> int:
    if Path(path).is_dir():
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))
    descriptor = os.open(path, flags & ~O_BINARY, mode)
    (_text.discard if flags & O_BINARY else _text.add)(descriptor)
    return descriptor


def _write(descriptor: int, data: Any) -> int:
    if descriptor not in _text:
        return os.write(descriptor, data)
    os.write(descriptor, bytes(data).replace(b"\n", b"\r\n"))
    return len(data)


def _kill(pid: int, number: int) -> None:
    """TerminateProcess, whatever the signal: even 0 kills."""
    os.kill(pid, signal.SIGKILL)


def _select(*waited: Any) -> Any:
    for each in [one for some in waited[:3] for one in some]:
        if not isinstance(each, socket.socket):
            raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))
    return select.select(*waited)


# Linux does not know macOS's F_FULLFSYNC, so this tests the flush that follows it.
_ON_MACOS: dict[str, dict[str, Any]] = {"fcntl": {"F_FULLFSYNC": 51}}
_ON_WINDOWS: dict[str, dict[str, Any]] = {
    "os": {"name": "nt", "O_BINARY": O_BINARY, "open": _open, "write": _write, "kill": _kill},
    "signal": {"SIGBREAK": SIGBREAK},
    "select": {"select": _select},
    "subprocess": {"CREATE_NEW_PROCESS_GROUP": 0},
}


# -- files: nobody can move or remove one that is open ----------------------------------


class _Guard:
    """An audit hook that refuses what Windows would refuse for files below a folder."""

    def __init__(self, below: Path) -> None:
        self._below = os.fspath(below.resolve()) + os.sep
        self._own = threading.local()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in {"open", "os.mkdir", "os.rename", "os.remove"}:
            return
        if getattr(self._own, "asks", False):
            return
        self._own.asks = True
        try:
            self._judge(event, arguments)
        finally:
            self._own.asks = False

    def _judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        paths = arguments[: 2 if event == "os.rename" else 1]
        for path in paths:
            if isinstance(path, str | bytes | os.PathLike):
                text = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - follows no link
                if text.startswith(self._below):
                    self._judge_name(text)
                    if event in {"os.rename", "os.remove"}:
                        self._judge_open(text, is_source=event == "os.rename" and path == paths[0])

    def _judge_name(self, text: str) -> None:
        for part in Path(text.removeprefix(self._below)).parts:
            if _RESERVED.search(part):
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), text)

    @staticmethod
    def _judge_open(text: str, *, is_source: bool) -> None:
        with contextlib.suppress(FileNotFoundError):
            is_read_only = not os.lstat(text).st_mode & stat.S_IWRITE
            if (is_read_only and not is_source) or _is_open(text):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), text)


def _is_open(text: str) -> bool:
    """Whether this process has the file, or one below the folder, open."""
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found = os.fspath(descriptor.readlink())
            if found == text or found.startswith(text + os.sep):
                return True
    return False
