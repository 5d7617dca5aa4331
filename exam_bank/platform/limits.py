"""The kernel's own limits on a process (setrlimit(2)); Windows has none, and nothing is set there.

Whoever sets one watches the process too, because a limit may be missing or looser than wanted.
"""

import contextlib
import os
import sys

HERE = sys.platform != "win32"


def limit_files(open_files: int, bytes_of_one: int) -> None:
    """Let this process have so many open files, write so much into one, and dump no core."""
    if sys.platform != "win32":
        import resource

        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_NOFILE, open_files)
        _lower(resource.RLIMIT_FSIZE, bytes_of_one)


def limit_processor(seconds: float) -> None:
    """Let this process use so many more seconds of each of the machine's processors."""
    if sys.platform != "win32":
        import resource

        spent = resource.getrusage(resource.RUSAGE_SELF)
        most = int(spent.ru_utime + spent.ru_stime + seconds * (os.cpu_count() or 1)) + 1
        _lower(resource.RLIMIT_CPU, most)


def limit_memory(size: int) -> None:
    """Let this process have so many bytes of private writable memory; Linux only.

    RLIMIT_DATA counts that since Linux 4.7; macOS ignores it. The address space is left
    alone: TensorFlow reserves far more of it than it uses.
    """
    if sys.platform == "linux":
        import resource

        _lower(resource.RLIMIT_DATA, size)


def limit_files_of(pid: int, bytes_of_one: int) -> None:
    """Let another process of ours write so much into one file; Linux only (prlimit(2))."""
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError):  # it has ended already, or has a lower limit
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (bytes_of_one, bytes_of_one))


def _lower(which: int, value: int) -> None:
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (value, value))
