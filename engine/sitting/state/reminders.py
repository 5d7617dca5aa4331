"""When a candidate is told that time is running out: at each mark once, also across restarts.

Marks that pass while the app is closed, or while one tick is late, are told as one: the
last of them. What was told is in the journal, so nothing is told again after a restart.
"""

import math

from engine.sitting.state.sitting import Phase, Sitting

MINUTES = (60, 30, 10, 5, 1)
SECOND = 1.0
_SHORTEST = 0.02


def seconds_to_next(time_left: float) -> float:
    """How long until `time_left` reaches its next whole second, the only moment it shows."""
    return max(time_left - math.floor(time_left) or SECOND, _SHORTEST)


def due(sitting: Sitting, time_left: float, told: int | None = None) -> int | None:
    """The minutes left that are to be told now; `told` were told and not written down yet."""
    if sitting.phase is not Phase.RUNNING or time_left <= 0:
        return None
    known = [each for each in (sitting.warned, told) if each is not None]
    limit = min([sitting.record.minutes, *known])
    passed = [each for each in MINUTES if time_left <= each * 60 and each < limit]
    return min(passed, default=None)
