"""What the kernel tells of processes and of memory, and what can be said where it tells less.

A verdict on a death rests on it: whether a child died of its file or of something else can only
be told from what nobody but the kernel could have done. What it does not tell is unknown, and
unknown never costs points.

What is resident of a process is not all it holds: the kernel may have moved some of it to swap,
page tables grow with every address that is only read, and each thread has a stack in the kernel.
Memory that outlives its mapping (memfds, shared maps, pipes) is counted nowhere, so the sandbox
lets a child have none.
"""

import contextlib
import os
import re
import sys
from pathlib import Path

_VMSTAT = Path("/proc/vmstat")
_OVERCOMMIT = Path("/proc/sys/vm/overcommit_memory")
_HEURISTIC, _ALWAYS = "0", "1"
_CGROUP = Path("/sys/fs/cgroup")
# The number that Linux gives the first namespace of process ids: include/linux/proc_ns.h.
_MACHINE_PIDS = "pid:[4026531836]"
# In kilobytes, of a process that shares nothing writable: proc_pid_status(5).
_COUNTED = ("VmRSS", "VmSwap", "VmPTE")
# A stack of 16 kB, and what the kernel notes down of a thread.
_KERNEL_BYTES_OF_A_THREAD = 32 * 1024


def is_stopped(pid: int) -> bool:
    """Whether a process stands still because a signal or a debugger stopped it."""
    import psutil

    with contextlib.suppress(psutil.Error):
        still = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
        return psutil.Process(pid).status() in still
    return False


def is_gone(pid: int) -> bool:
    """Whether a process has ended, even if nobody has asked yet how."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def processor_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used; 0 when it is gone."""
    import psutil

    with contextlib.suppress(psutil.Error):
        used = psutil.Process(pid).cpu_times()
        return float(used.user + used.system)
    return 0.0


def oom_kills() -> int | None:
    """How many processes were killed for want of memory since the start; None if unknown."""
    with contextlib.suppress(OSError, ValueError):
        for line in _VMSTAT.read_text("ascii").splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return None


def refuses_only_above(size: float) -> bool:
    """Whether a process with a limit of `size` bytes fails to get memory only at its limit.

    A machine that promises no more memory than it has may refuse any request. One that
    guesses refuses a single one larger than all it has. Where nobody tells, it may.
    """
    if sys.platform != "linux":
        return False
    import psutil

    with contextlib.suppress(OSError, psutil.Error):
        policy = _OVERCOMMIT.read_text("ascii").strip()
        whole = psutil.virtual_memory().total + psutil.swap_memory().total
        return policy == _ALWAYS or (policy == _HEURISTIC and whole > size)
    return False


def held(pid: int) -> int:
    """Bytes that process `pid` holds; 0 when it is gone."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return counted(Path(f"/proc/{pid}/status").read_text("ascii", "replace"))
        return 0
    import psutil

    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def counted(status: str) -> int:
    """The bytes that Linux's `/proc/PID/status` amounts to."""
    lines = (line.partition(":") for line in status.splitlines())
    said = {name: text.split() for name, _, text in lines}
    kilobytes = sum(int(said[name][0]) for name in _COUNTED if said.get(name))
    threads = int(said["Threads"][0]) if kilobytes and said.get("Threads") else 0
    return kilobytes * 1024 + threads * _KERNEL_BYTES_OF_A_THREAD


def kept_waiting(pid: int) -> float:
    """Seconds a thread of a process has stood ready while others had the processor.

    The longest of its threads; 0 where the system does not tell.
    """
    longest = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            waited = (thread / "schedstat").read_text("ascii").split()[1]
            longest = max(longest, int(waited))
    return longest / 1e9


def knows_processes(namespace: str = "/proc/self/ns/pid") -> bool:
    """Whether a driver's process ids are ours: in a container they are the machine's."""
    with contextlib.suppress(OSError):
        return os.readlink(namespace) == _MACHINE_PIDS  # noqa: PTH115 - it is no path
    return True


def memory() -> tuple[int, int]:
    """Used and total memory in bytes: the container's where it has a limit of its own."""
    import psutil

    machine = psutil.virtual_memory()
    limit = _number(_CGROUP / "memory.max")
    current = _number(_CGROUP / "memory.current")
    if limit is None or current is None or limit >= machine.total:
        return machine.total - machine.available, machine.total
    # The page cache of files read once is given back on demand, so it is not in use.
    return max(0, current - _inactive_file()), limit


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no cgroup, or "max"
        return None


def _inactive_file() -> int:
    try:
        text = (_CGROUP / "memory.stat").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^inactive_file (\d+)$", text, re.MULTILINE)
    return int(found[1]) if found else 0
