"""Forks a process that has imported TensorFlow, and learns when a child has ended.

Only Linux can do this: the libraries of macOS and CUDA do not survive a fork, and Windows has
no fork. Ask `possible` first: on Windows everything else here raises `OSError`.

Only a single-threaded process can fork safely (a lock held by another thread would stay locked
for ever), so no thread waits for children: a signal reports each end, through a pipe that
`select` can watch.
"""

import array
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator
from typing import NamedTuple

_LONGEST = 65536


def possible() -> bool:
    """Whether this system can fork a process that has imported TensorFlow."""
    return sys.platform == "linux"


class EndedFork(NamedTuple):
    """A child that has ended; `status` is as in `Popen.returncode`."""

    pid: int
    status: int
    cpu_seconds: float


class Forks:
    """The children this process forks; `fileno` becomes readable when one has ended."""

    _wake: int
    _told: int

    def __init__(self) -> None:
        if sys.platform == "win32":
            raise _absent()
        self._wake, self._told = os.pipe()
        for end in (self._wake, self._told):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # no handler, no wakeup
        # A full pipe is readable, which is all that matters.
        signal.set_wakeup_fd(self._told, warn_on_full_buffer=False)

    def fileno(self) -> int:
        """For `select`."""
        return self._wake

    def fork(self) -> int:
        """The new child's pid; 0 in the child, where this object is of no more use."""
        if sys.platform == "win32":
            raise _absent()
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(self._wake)
            os.close(self._told)
        return pid

    def ended(self) -> Iterator[EndedFork]:
        """The children that have ended since the last call."""
        if sys.platform == "win32":
            raise _absent()
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, _LONGEST)
        with contextlib.suppress(ChildProcessError):  # there are none
            # One signal may report several ends: signal(7), "standard signals do not queue".
            while (dead := os.wait4(-1, os.WNOHANG))[0] != 0:
                pid, status, usage = dead
                cost = usage.ru_utime + usage.ru_stime
                yield EndedFork(pid, os.waitstatus_to_exitcode(status), cost)


def lead_group(pid: int = 0) -> None:
    """Make a child lead its own group; both sides call this, because either may run first."""
    if sys.platform == "win32":
        raise _absent()
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)


def lead_session() -> None:
    """Make this process lead its own session and group."""
    if sys.platform == "win32":
        raise _absent()
    os.setsid()


def kill_group(pid: int) -> None:
    """Kill the process group that `pid` leads or led."""
    if sys.platform == "win32":
        raise _absent()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def kill(pid: int) -> None:
    """Kill one process, but nothing it started."""
    if sys.platform == "win32":
        raise _absent()
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def cpu_seconds() -> float:
    """Processor seconds that this process has used."""
    if sys.platform == "win32":
        raise _absent()
    import resource

    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def channel() -> tuple[socket.socket, socket.socket]:
    """Two connected ends that keep message boundaries and can pass descriptors: unix(7)."""
    if sys.platform == "win32":
        raise _absent()
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(control: socket.socket, message: bytes, descriptors: list[int]) -> None:
    """Send one message together with descriptors; raises `OSError`."""
    if sys.platform == "win32":
        raise _absent()
    socket.send_fds(control, [message], descriptors)


def receive(control: socket.socket, descriptors: int) -> tuple[bytes, list[int]]:
    """One message with up to that many descriptors; empty when the other end is gone."""
    if sys.platform == "win32":
        raise _absent()
    ends = array.array("i")
    space = socket.CMSG_SPACE(descriptors * ends.itemsize)
    try:
        message, ancillary, _, _ = control.recvmsg(_LONGEST, space)
    except ConnectionError:
        return b"", []
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            ends.frombytes(data)
    return message, list(ends)


def _absent() -> OSError:
    return OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
