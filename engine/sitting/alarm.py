"""When the proctor looks at the clock again: it says "look", and counts nothing."""

import asyncio
import math
from collections.abc import Callable

SECOND = 1.0
_SHORTEST = 0.02


def seconds_to_next(time_left: float) -> float:
    """How long until `time_left` reaches its next whole second, the only moment it shows."""
    return time_left - math.floor(time_left) or SECOND


class Alarm:
    """Rings once, `set` seconds from now; setting it anew replaces what was set."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """Ring in so many seconds, and not at the time set before."""
        self.stop()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(seconds, _SHORTEST), self._ring)

    def stop(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
