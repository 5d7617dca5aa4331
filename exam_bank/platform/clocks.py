"""The clock that keeps running while the machine sleeps, and the id of the boot it counts from."""

import sys
import time
import uuid
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_seconds() -> float:
    """Seconds since the machine started, including sleep if the system counts it."""
    if sys.platform == "linux":
        # `time.monotonic()` stops during sleep on Linux and macOS: clock_gettime(2).
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()  # Windows counts sleep


@cache
def boot_id() -> str:
    """An id for this boot of the machine."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        # Without a boot id two processes cannot know that they share a boot, so each gets an
        # id of its own and the wall clock decides between them.
        return f"process-{uuid.uuid4()}"
