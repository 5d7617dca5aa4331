"""What the kernel knows about processes and memory, and the best answer where it says less.

Verdicts on dead children rest on this: only what the kernel alone can have done shows whether
a child died of its file or of something else. If it does not say, the cause is unknown, and an
unknown cause never costs points.

A process holds more than its resident memory: the kernel may have swapped some of it out, page
tables grow with every address that is read, and each thread has a stack in the kernel. Memory
that outlives its mapping (memfds, shared maps, pipes) is counted nowhere, so the sandbox denies
it to a child.
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
# The number of Linux's initial pid namespace: include/linux/proc_ns.h.
_MACHINE_PIDS = "pid:[4026531836]"
# In kilobytes; complete for a process without shared writable memory: proc_pid_status(5).
_COUNTED = ("VmRSS", "VmSwap", "VmPTE")
# A stack of 16 kB, and the kernel's records of a thread.
_KERNEL_BYTES_OF_A_THREAD = 32 * 1024


def is_stopped(pid: int) -> bool:
    """Whether a signal or a debugger has stopped the process."""
    import psutil

    with contextlib.suppress(psutil.Error):
        still = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
        return psutil.Process(pid).status() in still
    return False


def is_gone(pid: int) -> bool:
    """Whether a process has ended, even if nobody has waited for it yet."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def processor_seconds(pid: int) -> float:
    """Processor seconds that a process has used; 0 if it is gone."""
    import psutil

    with contextlib.suppress(psutil.Error):
        used = psutil.Process(pid).cpu_times()
        return float(used.user + used.system)
    return 0.0


def oom_kills() -> int | None:
    """How many processes the kernel has killed for lack of memory since boot; None if unknown."""
    with contextlib.suppress(OSError, ValueError):
        for line in _VMSTAT.read_text("ascii").splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return None


def refuses_only_above(size: float) -> bool:
    """Whether a process limited to `size` bytes is refused memory only at that limit.

    A machine that never overcommits may refuse any request; one with the heuristic policy
    refuses a single request larger than all its memory. If the policy is unknown: False.
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
    """The bytes that process `pid` holds, with all it shares; 0 if it is gone."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return counted(Path(f"/proc/{pid}/status").read_text("ascii", "replace"))
        return 0
    import psutil

    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def holds_more_than(pid: int, size: float) -> bool:
    """Whether a process holds more than `size` bytes, without what it shares with others.

    A forked process shares its parent's pages. To count them out takes the kernel a moment, so
    that is done only where it can matter.
    """
    found = held(pid)
    return found > size and found - shared(pid) > size


def shared(pid: int) -> int:
    """How many of the bytes that a process holds are others' share; 0 if the system won't say."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, KeyError, ValueError, IndexError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii", "replace")
            said = _kilobytes(rollup)
            return (said["Rss"] - said["Pss"] + said["Swap"] - said["SwapPss"]) * 1024
    return 0


def _kilobytes(text: str) -> dict[str, int]:
    """The lines `Name: NUMBER kB` of a file in /proc."""
    lines = (line.partition(":") for line in text.splitlines() if line.endswith(" kB"))
    return {name: int(number.split()[0]) for name, _, number in lines}


def counted(status: str) -> int:
    """The bytes that a process holds, by its `/proc/PID/status` on Linux."""
    lines = (line.partition(":") for line in status.splitlines())
    said = {name: text.split() for name, _, text in lines}
    kilobytes = sum(int(said[name][0]) for name in _COUNTED if said.get(name))
    threads = int(said["Threads"][0]) if kilobytes and said.get("Threads") else 0
    return kilobytes * 1024 + threads * _KERNEL_BYTES_OF_A_THREAD


def knows_processes(namespace: str = "/proc/self/ns/pid") -> bool:
    """Whether a driver's process ids match ours: in a container it reports the host's."""
    with contextlib.suppress(OSError):
        return os.readlink(namespace) == _MACHINE_PIDS  # noqa: PTH115 - the target is not a path
    return True


def memory() -> tuple[int, int]:
    """Used and total memory in bytes: the container's if it has a limit."""
    import psutil

    machine = psutil.virtual_memory()
    limit = _number(_CGROUP / "memory.max")
    current = _number(_CGROUP / "memory.current")
    if limit is None or current is None or limit >= machine.total:
        return machine.total - machine.available, machine.total
    # The kernel frees the page cache of files read once on demand, so it is not in use.
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
