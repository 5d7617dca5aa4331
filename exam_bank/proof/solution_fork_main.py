"""The warm process behind `solution_fork.py`: imports what every solution needs, then forks.

Run as `python -P -m exam_bank.proof.solution_fork_main MODULE...`. It imports the modules and
reports `Ready` with the cost. From then on it forks a child for each request on stdin, and
answers with the child's pid and later with its end. When stdin closes, it kills every child's
group: nothing outlives the process that asked.

One loop over `select` does it all: a signal reports a child's end, through a pipe.
"""

import atexit
import contextlib
import importlib
import os
import runpy
import select
import sys
import threading
import traceback
import warnings
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from exam_bank.platform import forks, processes


class Request(msgspec.Struct, frozen=True):
    """Run the file `program` in `folder`; its output goes to the file `log`."""

    number: int
    program: str
    folder: str
    log: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The modules are imported, and how many CPU seconds that took."""

    cpu_seconds: float


class SolutionStarted(msgspec.Struct, frozen=True, tag="started"):
    """The child for a request is running; `pid` is also the id of its group."""

    number: int
    pid: int


class SolutionEnded(msgspec.Struct, frozen=True, tag="ended"):
    """The child for a request has ended, and its group is gone."""

    number: int
    status: int
    cpu_seconds: float


News = Ready | SolutionStarted | SolutionEnded


class _Server:
    """The running children by pid, and the pipes to the process that asked."""

    def __init__(self, answers: int) -> None:
        self._answers = answers
        self._forks = forks.Forks()
        self._running: dict[int, int] = {}

    def say(self, news: News) -> None:
        """Write one line to stdout."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._answers, msgspec.json.encode(news) + b"\n")

    def serve(self) -> None:
        """Run solutions until stdin closes; then kill every child."""
        left = b""
        while True:
            ready, _, _ = select.select([0, self._forks.fileno()], [], [])
            if self._forks.fileno() in ready:
                self._reap()
            if 0 in ready:
                chunk = os.read(0, 65536)
                if not chunk:
                    break
                *lines, left = (left + chunk).split(b"\n")
                for line in lines:
                    self._start(msgspec.json.decode(line, type=Request))
        for pid in self._running:
            forks.kill_group(pid)

    def _start(self, request: Request) -> None:
        pid = self._forks.fork()
        if pid == 0:
            os.close(self._answers)
            _run_as_child(request)
        self._running[pid] = request.number
        self.say(SolutionStarted(request.number, pid))

    def _reap(self) -> None:
        for ended in self._forks.ended():
            forks.kill_group(ended.pid)
            number = self._running.pop(ended.pid)
            self.say(SolutionEnded(number, ended.status, ended.cpu_seconds))


def _run_as_child(request: Request) -> NoReturn:
    """Run the request in this process, a fresh fork, and exit."""
    status = 1
    try:
        forks.lead_session()
        processes.die_with_parent()
        os.chdir(request.folder)
        _redirect(request.log)
        _reseed_numpy()
        status = _run(request)
    finally:
        os._exit(status)  # a fork must not tear down what TensorFlow keeps for its parent


def _redirect(log: str) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _reseed_numpy() -> None:
    """Give an unseeded program different numbers in every fork, as in a new process."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _run(request: Request) -> int:
    """Run the program as `__main__`, including Python's shutdown; returns its exit status."""
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
    # The parts of Python's shutdown that `os._exit` skips: join threads, run `atexit`.
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
    # Python 3.12 warns about forking with other threads; those of the imports hold no lock.
    warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
    for name in modules:
        importlib.import_module(name)
    server = _Server(answers)
    server.say(Ready(forks.cpu_seconds()))
    server.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
