"""Starts processes apart from ours, lowers their priority, and kills them with what they started.

On POSIX a process group is killed as a whole. Windows has none to kill by, so there the tree
of children is killed, parents last. `os.kill` never serves to ask whether a process runs: on
Windows it would end the process, whatever the signal.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, Protocol

# Goes with `start_new_session=True`, which Windows ignores: our console's ctrl+c is not for it.
if sys.platform == "win32":
    OWN_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    OWN_GROUP = 0

_NICENESS = 10
_PR_SET_PDEATHSIG = 1  # prctl(2)
_PRIO_DARWIN_PROCESS, _PRIO_DARWIN_BACKGROUND = 4, 0x1000  # <sys/resource.h> of macOS
_LOOKS_AT_A_THREAD = 1_000
_LOOK_SECONDS = 0.1


class Leader(Protocol):
    """A process that leads a group: from `Popen`, from asyncio, or forked for us."""

    @property
    def pid(self) -> int:
        """Its pid, which is also its group's id."""
        ...

    @property
    def returncode(self) -> int | None:
        """None until we know that it has ended."""
        ...


def kill_group(process: Leader) -> None:
    """Kill `process` and everything it has started, at once.

    If it has already ended, POSIX still kills what it left behind; Windows kills nothing,
    because its pid may belong to another process by now.
    """
    if sys.platform == "win32":
        if process.returncode is None:
            _kill_tree(process.pid, including=True)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def leave_with_group(status: int) -> NoReturn:
    """End this process at once and, if it leads a group, everything it started."""
    if sys.platform == "win32":
        _kill_tree(os.getpid(), including=False)
    elif os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(status)


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that started it ends; Linux only.

    Elsewhere a process must read its stdin and exit when that closes.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def step_back() -> None:
    """Let every other process have the processor first."""
    if sys.platform == "win32":
        import psutil

        with contextlib.suppress(psutil.Error, OSError):
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    lower_own_session()


def lower_own_session() -> None:
    """Let the session that this process leads, if it does, have the processor after all others."""
    lower_session(os.getpid())


def lower_session(pid: int) -> bool:
    """Let the session of `pid`, if it is one of ours, have the processor after all others.

    Linux divides the processor among sessions before it looks at the niceness of processes
    (sched(7), autogroups). Elsewhere this does nothing. False: try again in a tenth of a second.
    """
    return _nice_session(pid, _NICENESS)


def lift_session(pid: int) -> bool:
    """Take `lower_session` back, which needs no privilege."""
    return _nice_session(pid, 0)


def _nice_session(pid: int, niceness: int) -> bool:
    if sys.platform != "linux":
        return True
    try:
        leader = os.getsid(pid)
        if leader == os.getsid(0) != os.getpid():
            return True  # a session of others: whoever leads it started us
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness), encoding="ascii")
    except BlockingIOError:  # the kernel takes one change in a tenth of a second
        return False
    except OSError:
        pass
    return True


def at_low_priority(call: Callable[[], object]) -> None:
    """Do `call` while every other process may have the processor first; then be as before.

    An ordinary user may lower a priority on Linux but never raise it again. There each thread has
    its own, so the call gets a thread, which is gone when this returns.
    """
    if sys.platform != "linux":
        _while_lowered(call)
        return
    faults: list[BaseException] = []

    def run() -> None:
        try:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)  # 0: this thread
            call()
        except BaseException as error:
            faults.append(error)

    thread = threading.Thread(target=run, name="low priority")
    thread.start()
    thread.join()
    _wait_until_gone(thread.native_id)
    if faults:
        raise faults[0]


def _wait_until_gone(thread: int | None) -> None:
    """Wait for the kernel too: a fork, and Landlock, need to be alone in the process."""
    for _ in range(_LOOKS_AT_A_THREAD):
        if not Path(f"/proc/self/task/{thread}").exists():
            break
        time.sleep(0.001)


def _while_lowered(call: Callable[[], object]) -> None:
    _set_background(True)
    try:
        call()
    finally:
        _set_background(False)


def _set_background(on: bool) -> None:
    """On Windows and macOS a process may lower its priority and raise it again."""
    if sys.platform == "win32":
        import psutil

        level = psutil.BELOW_NORMAL_PRIORITY_CLASS if on else psutil.NORMAL_PRIORITY_CLASS
        with contextlib.suppress(psutil.Error, OSError):
            psutil.Process().nice(level)
    elif sys.platform == "darwin":
        import ctypes

        mode = _PRIO_DARWIN_BACKGROUND if on else 0
        ctypes.CDLL(None).setpriority(_PRIO_DARWIN_PROCESS, 0, mode)


def cores() -> int:
    """How many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_root() -> bool:
    """Whether this process runs as root."""
    return sys.platform != "win32" and os.geteuid() == 0


def wait_for_cost(process: "subprocess.Popen[bytes]") -> float:
    """Wait until `process` ends and return its processor seconds; nobody else may wait for it.

    Blocks. On Windows the last tenth of a second may be missing.
    """
    if sys.platform != "win32":
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime
    from exam_bank.platform import kernel

    spent, pause = 0.0, threading.Event()
    while process.poll() is None:
        spent = max(spent, kernel.processor_seconds(process.pid))
        pause.wait(_LOOK_SECONDS)
    return spent


def _kill_tree(pid: int, *, including: bool) -> None:
    import psutil

    with contextlib.suppress(psutil.Error):
        leader = psutil.Process(pid)
        for each in [*leader.children(recursive=True), *([leader] if including else [])]:
            with contextlib.suppress(psutil.Error):
                each.kill()
