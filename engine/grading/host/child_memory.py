"""What a process really holds of the machine's memory, as the app counts a grading child's.

What is resident is not all: the kernel may have moved some of it to swap, page tables grow
with every address that is only read, and each thread has a stack in the kernel. Memory that
outlives its mapping (memfds, shared maps, pipes) is counted nowhere, so `seccomp.py` lets a
child have none.
"""

import contextlib
import sys
from pathlib import Path

# In kilobytes, of a process that shares nothing writable.
_COUNTED = ("VmRSS", "VmSwap", "VmPTE")
# A stack of 16 kB, and what the kernel notes down of a thread.
_KERNEL_BYTES_OF_A_THREAD = 32 * 1024


def held(pid: int) -> int:
    """Bytes that process `pid` holds; 0 when it is gone."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            return counted(Path(f"/proc/{pid}/status").read_text())
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
