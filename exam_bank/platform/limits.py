"""The kernel's limits on a process (setrlimit(2)); Windows has none, so nothing is set there.

Whoever sets one also watches the process, because a limit may be missing or too loose.
"""

import contextlib
import sys

HERE = sys.platform != "win32"


def limit_files(open_files: int, bytes_of_one: int) -> None:
    """Limit this process's open files and the size of each it writes; forbid core dumps."""
    if sys.platform != "win32":
        import resource

        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_NOFILE, open_files)
        _lower(resource.RLIMIT_FSIZE, bytes_of_one)


def limit_processor(seconds: float) -> None:
    """Let this process use at most `seconds` more of processor time."""
    if sys.platform != "win32":
        import resource

        spent = resource.getrusage(resource.RUSAGE_SELF)
        most = int(spent.ru_utime + spent.ru_stime + seconds) + 1
        _lower(resource.RLIMIT_CPU, most)


def limit_memory(size: int) -> None:
    """Limit this process to `size` bytes of private writable memory; Linux only.

    RLIMIT_DATA counts that since Linux 4.7; macOS ignores it. The address space is left
    alone: TensorFlow reserves far more of it than it uses.
    """
    if sys.platform == "linux":
        import resource

        _lower(resource.RLIMIT_DATA, size)


def limit_files_of(pid: int, bytes_of_one: int) -> None:
    """Limit the size of the files another process of ours writes; Linux only (prlimit(2))."""
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
