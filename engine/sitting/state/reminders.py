"""When to warn a candidate that time is running out: at each mark once, even across restarts.

Several marks that pass while the app is closed, or because a tick is late, become a single
warning for the last of them. Warnings are in the journal, so a restart repeats none.
"""

import math

from engine.sitting.state.sitting import Phase, Sitting

MINUTES = (60, 30, 10, 5, 1)
SECOND = 1.0
_SHORTEST = 0.02


def seconds_to_next(time_left: float) -> float:
    """How long until `time_left` shows its next whole second."""
    return max(time_left - math.floor(time_left) or SECOND, _SHORTEST)


def due(sitting: Sitting, time_left: float, told: int | None = None) -> int | None:
    """The mark to warn about now, in minutes left; `told` is a warning not yet in the journal."""
    if sitting.phase is not Phase.RUNNING or time_left <= 0:
        return None
    known = [each for each in (sitting.warned, told) if each is not None]
    limit = min([sitting.seconds / 60.0, *known])
    passed = [each for each in MINUTES if time_left <= each * 60 and each < limit]
    return min(passed, default=None)
