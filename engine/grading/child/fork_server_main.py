"""The fork server's process: imports TensorFlow once and forks the grading children from it.

A child with its own interpreter spends three seconds of processor time on imports; a forked
one has them from the start and shares their memory. A file can still affect only its own
child: this process opens no submission and never answers a job.

Run as `python -P -m engine.grading.child.fork_server_main FD` by `fork_server.py`; FD is a
socket on which each message asks for one child and carries its two ends: the channel to the
app, and the log. Only a process with one thread can be forked safely (a lock that another
thread held would stay locked for ever), so no TensorFlow operation runs here. Where the import
itself starts threads, this process reports that it cannot fork, and ends.
"""

import contextlib
import gc
import os
import select
import socket
import sys
from pathlib import Path
from typing import NamedTuple, NoReturn

import msgspec

from engine.errors import GradingError
from engine.grading import sandbox, wire
from engine.grading.child import process, worker
from exam_bank.platform import forks, processes

_FDS = 2


class ChildSetup(NamedTuple):
    """What a forked child starts with."""

    job_files: Path
    channel: int
    log: int


def main(arguments: list[str]) -> NoReturn:
    """Serve until the app is gone; in a forked child, run the child instead."""
    processes.die_with_parent()
    idly = worker.idle_pace()
    control = socket.socket(fileno=int(arguments[0]))
    try:
        idly(worker.import_tensorflow)
    except GradingError as error:  # a child with its own interpreter will report it
        _tell(control, wire.CannotFork(str(error)))
        process.leave(1)
    setup = _ForkServer(control, idly).serve()
    _take_channels(setup)
    # Of many files in a row each child waits while another predicts. If it warmed both Keras, that
    # would take the processor from the other, and half of it for nothing.
    warms = os.environ.get(wire.PRIORITY) != "low"
    say = process.answer_channel()
    worker.live(say, setup.job_files, gpu=False, idly=idly, warms=warms)


class _ForkServer:
    """Forks on request, and reports to the app which children start and end."""

    def __init__(self, control: socket.socket, idly: worker.Pace = worker.at_once) -> None:
        self._control, self._idly = control, idly
        self._complete = False
        self._forks = forks.Forks()

    def serve(self) -> ChildSetup:
        """Serve requests; returns only in forked children."""
        while True:
            if not self._complete and not self._is_asked():
                self._import_the_rest()
            readable, _, _ = select.select([self._control.fileno(), self._forks.fileno()], [], [])
            if self._forks.fileno() in readable:
                self._tell_of_ends()
            if self._control.fileno() in readable and (setup := self._fork()) is not None:
                return setup

    def _is_asked(self) -> bool:
        return bool(select.select([self._control], [], [], 0)[0])

    def _import_the_rest(self) -> None:
        self._idly(worker.import_the_other_keras)
        self._complete = True
        gc.freeze()  # a garbage collection in a child would copy every page it touches

    def _fork(self) -> ChildSetup | None:
        message, ends = forks.receive(self._control, _FDS)
        if not message:
            process.leave(0)
        asked = msgspec.json.decode(message, type=wire.Fork)
        if not (self._complete or asked.hurry):
            self._import_the_rest()
        if (count := sandbox.threads()) > 1:
            _tell(self._control, wire.CannotFork(f"{count} threads run after the imports"))
            process.leave(1)
        here = os.getpid()
        pid = self._forks.fork()
        if pid == 0:
            self._leave_the_fork_server(here)
            return ChildSetup(Path(asked.job_files), *ends)
        # In its own group before the app hears of it and may want to kill it.
        forks.lead_group(pid)
        for end in ends:
            os.close(end)
        _tell(self._control, wire.ChildForked(pid))
        return None

    def _leave_the_fork_server(self, fork_server: int) -> None:
        processes.die_with_parent()
        if os.getppid() != fork_server:  # it died before we asked the kernel
            process.leave(0)
        self._control.close()

    def _tell_of_ends(self) -> None:
        for ended in self._forks.ended():
            _tell(self._control, wire.ChildEnded(ended.pid, ended.status))


def _take_channels(setup: ChildSetup) -> None:
    """Use the ends that came with the request as stdin, stdout and stderr."""
    forks.lead_group()
    for end, standard in ((setup.channel, 0), (setup.channel, 1), (setup.log, 2)):
        os.dup2(end, standard)
    os.close(setup.channel)
    os.close(setup.log)
    os.chdir(setup.job_files)


def _tell(control: socket.socket, news: wire.ForkServerNews) -> None:
    with contextlib.suppress(ConnectionError):  # the next look at the socket ends this process
        control.send(msgspec.json.encode(news))


if __name__ == "__main__":
    main(sys.argv[1:])
