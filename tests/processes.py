"""Which processes still run. A zombie does not: it only waits for somebody to ask how it ended.

In a container whose first process never asks (`tail -f /dev/null`, as a CI's often is), what
lost its parent stays a zombie for good.
"""

import contextlib
import time
from collections.abc import Iterable

import psutil

_LOOK_SECONDS = 0.02


def lives(process: psutil.Process) -> bool:
    """Whether `process` still does anything."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def outliving(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those of `processes` that have not ended within `seconds`."""
    deadline = time.monotonic() + seconds
    left = [each for each in processes if lives(each)]
    while left and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        left = [each for each in left if lives(each)]
    return left
