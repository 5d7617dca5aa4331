"""Forking children of a process that has imported TensorFlow, and hearing of their ends.

Only Linux can: the libraries of macOS and of CUDA do not survive a fork, and Windows has none.
Ask `possible` first: on Windows all else here raises `OSError`.

Only a process with one thread can be forked safely (a lock that another thread held would stay
locked for ever), so a signal tells of a child's end, through a pipe that `select` can wait for.
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
    """A child that is gone; `status` is what `Popen.returncode` means by it."""

    pid: int
    status: int
    cpu_seconds: float


class Forks:
    """The children that this process forks; `fileno` can be read when one has ended."""

    _wake: int
    _told: int

    def __init__(self) -> None:
        if sys.platform == "win32":
            raise _absent()
        self._wake, self._told = os.pipe()
        for end in (self._wake, self._told):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # without a handler nothing wakes up
        # A full pipe has something to read, and that is all it is for.
        signal.set_wakeup_fd(self._told, warn_on_full_buffer=False)

    def fileno(self) -> int:
        """For `select`."""
        return self._wake

    def fork(self) -> int:
        """The new child's number; 0 in the child, which has nothing of this any more."""
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
        """The children that have ended since the last time."""
        if sys.platform == "win32":
            raise _absent()
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, _LONGEST)
        with contextlib.suppress(ChildProcessError):  # there are none
            # One signal may stand for many ends: signal(7), "standard signals do not queue".
            while (dead := os.wait4(-1, os.WNOHANG))[0] != 0:
                pid, status, usage = dead
                cost = usage.ru_utime + usage.ru_stime
                yield EndedFork(pid, os.waitstatus_to_exitcode(status), cost)


def lead_group(pid: int = 0) -> None:
    """Let a child lead a group of its own; both sides ask, because either may be first."""
    if sys.platform == "win32":
        raise _absent()
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)


def lead_session() -> None:
    """Let this process lead a session and a group of its own."""
    if sys.platform == "win32":
        raise _absent()
    os.setsid()


def kill_group(pid: int) -> None:
    """Kill the group that `pid` leads or led."""
    if sys.platform == "win32":
        raise _absent()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def kill(pid: int) -> None:
    """Kill one process, and nothing that it may have started."""
    if sys.platform == "win32":
        raise _absent()
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def cpu_seconds() -> float:
    """Seconds of processor time that this process has used."""
    if sys.platform == "win32":
        raise _absent()
    import resource

    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def channel() -> tuple[socket.socket, socket.socket]:
    """Two ends that keep messages apart and can pass descriptors: unix(7)."""
    if sys.platform == "win32":
        raise _absent()
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(control: socket.socket, message: bytes, descriptors: list[int]) -> None:
    """Send one message and descriptors with it; raises `OSError`."""
    if sys.platform == "win32":
        raise _absent()
    socket.send_fds(control, [message], descriptors)


def receive(control: socket.socket, descriptors: int) -> tuple[bytes, list[int]]:
    """One message, and as many descriptors; empty when the other end is gone."""
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
