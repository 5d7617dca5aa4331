"""What the kernel tells of processes and of memory: what a verdict on a death may rest on.

Whether a child died of its file or of something else can only be told from what nobody but
the kernel could have done. What it does not tell is unknown, and unknown never costs points.
"""

import contextlib
import sys
from pathlib import Path

_VMSTAT = Path("/proc/vmstat")
_OVERCOMMIT = Path("/proc/sys/vm/overcommit_memory")
_HEURISTIC, _ALWAYS = "0", "1"


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
        for line in _VMSTAT.read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return None


def refuses_only_above(size: float) -> bool:
    """Whether a process with a limit of `size` bytes fails to get memory only at its limit.

    A machine that promises no more memory than it has may refuse any request. One that
    guesses refuses a single one larger than all it has. Where nobody tells, it may.
    """
    if not sys.platform.startswith("linux"):
        return False
    import psutil

    with contextlib.suppress(OSError, psutil.Error):
        policy = _OVERCOMMIT.read_text().strip()
        whole = psutil.virtual_memory().total + psutil.swap_memory().total
        return policy == _ALWAYS or (policy == _HEURISTIC and whole > size)
    return False
