"""The clock that goes on while a machine sleeps, and which start of the machine it counts from."""

import sys
import time
import uuid
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_seconds() -> float:
    """Seconds since the machine started, sleep included where the system counts it."""
    if sys.platform == "linux":
        # `time.monotonic()` stands still in sleep here, and on macOS: clock_gettime(2).
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()  # Windows counts sleep


@cache
def boot_id() -> str:
    """What names this start of the machine."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        # Without a boot id two processes cannot know that they share a boot, so the wall
        # clock decides between them; uuid1's node keeps machines apart.
        return f"process-{uuid.uuid4()}"
