"""When the proctor looks at the clock again."""

import math

SECOND = 1.0
_SHORTEST = 0.02


def seconds_to_next(time_left: float) -> float:
    """How long until `time_left` reaches its next whole second, the only moment it shows."""
    return max(time_left - math.floor(time_left) or SECOND, _SHORTEST)
