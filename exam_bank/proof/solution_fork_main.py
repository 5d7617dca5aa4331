"""The warm process of `authoring_fork`: imports once what every solution imports, then forks.

Run as `python -P -m exam_bank.proof.solution_fork_main MODULE...`. It imports the modules, says
READY with what that cost, and from then on forks a child for each request on stdin and
answers with the child's pid and, later, its end. When stdin closes, every child's group
is killed: nothing outlives whoever asked.

One loop over `select`: a child's end arrives as a signal, through a pipe of its own.
"""

import atexit
import contextlib
import ctypes
import importlib
import os
import resource
import runpy
import select
import signal
import sys
import threading
import traceback
import warnings
from pathlib import Path
from typing import Any, NoReturn

import msgspec

_PR_SET_PDEATHSIG = 1


class Request(msgspec.Struct, frozen=True):
    """The file `program` of `folder`, to run there; its output goes to the file `log`."""

    number: int
    program: str
    folder: str
    log: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The modules are imported; that took so many CPU seconds."""

    cpu_seconds: float


class SolutionStarted(msgspec.Struct, frozen=True, tag="started"):
    """The child of an request runs; `pid` is its group's number too."""

    number: int
    pid: int


class SolutionEnded(msgspec.Struct, frozen=True, tag="ended"):
    """The child of an request is gone, and so is its group."""

    number: int
    status: int
    cpu_seconds: float


News = Ready | SolutionStarted | SolutionEnded


class _Server:
    """The children that run, by pid, and the pipes to whoever asked."""

    def __init__(self, answers: int) -> None:
        self._answers = answers
        self._ends, self._bell = os.pipe()
        os.set_blocking(self._bell, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        self._running: dict[int, int] = {}

    def say(self, news: News) -> None:
        """Write one line of news."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._answers, msgspec.json.encode(news) + b"\n")

    def serve(self) -> None:
        """Carry out errands until stdin closes; then end every child."""
        left = b""
        while True:
            ready, _, _ = select.select([0, self._ends], [], [])
            if self._ends in ready:
                os.read(self._ends, 4096)
                self._reap()
            if 0 in ready:
                chunk = os.read(0, 65536)
                if not chunk:
                    break
                *lines, left = (left + chunk).split(b"\n")
                for line in lines:
                    self._start(msgspec.json.decode(line, type=Request))
        for pid in self._running:
            _kill_group(pid)

    def _start(self, request: Request) -> None:
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for pipe in (self._answers, self._ends, self._bell):
                os.close(pipe)
            _run_as_child(request)
        self._running[pid] = request.number
        self.say(SolutionStarted(request.number, pid))

    def _reap(self) -> None:
        while self._running:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            _kill_group(pid)
            cost = usage.ru_utime + usage.ru_stime
            number = self._running.pop(pid)
            self.say(SolutionEnded(number, os.waitstatus_to_exitcode(status), cost))


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _run_as_child(request: Request) -> NoReturn:
    """Run the request in this process, a fresh fork, and leave it."""
    status = 1
    try:
        os.setsid()
        _die_with_parent()
        os.chdir(request.folder)
        _redirect(request.log)
        _draw_anew()
        status = _run(request)
    finally:
        os._exit(status)  # a fork must not tear down what TensorFlow keeps for its parent


def _die_with_parent() -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _redirect(log: str) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _draw_anew() -> None:
    """A program that seeds nothing gets other numbers in every fork, as in a new process."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _run(request: Request) -> int:
    """Run the program as `__main__`, with what Python does at its end; gives its status."""
    sys.argv = [request.program]
    sys.path.insert(0, request.folder)
    status = 0
    try:
        runpy.run_path(str(Path(request.folder, request.program)), run_name="__main__")
    except SystemExit as left:
        status = _status_of(left.code)
    except BaseException:
        traceback.print_exc()
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    return status


def _status_of(code: Any) -> int:
    if code is None or isinstance(code, int):
        return (code or 0) & 0xFF
    sys.stderr.write(f"{code}\n")
    return 1


def main(modules: list[str]) -> None:
    """Import `modules`, then serve."""
    answers = os.dup(1)
    os.dup2(2, 1)
    # Python 3.12 warns of forks beside other threads; those of the imports hold no lock.
    warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
    for name in modules:
        importlib.import_module(name)
    server = _Server(answers)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    server.say(Ready(spent.ru_utime + spent.ru_stime))
    server.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
