"""How the total grew: one value after each submission that raised it."""

from typing import NamedTuple

from engine.marking import total_percent
from engine.sitting.state.sitting import Sitting


class Rise(NamedTuple):
    """The total, in percent, from the exam second `elapsed` on."""

    elapsed: float
    percent: float


def total_rises(sitting: Sitting) -> tuple[Rise, ...]:
    """From 0 at the start; each total is above the one before."""
    weights, best = sitting.record.paper.weights, dict.fromkeys(sitting.scores, 0)
    found = [Rise(0.0, 0.0)]
    for each in sitting.submissions:
        if each.score is None or each.score <= best[each.task]:
            continue
        best[each.task] = each.score
        found.append(Rise(each.elapsed, total_percent(best, weights)))
    return tuple(found)


def total_trend(sitting: Sitting) -> tuple[float, ...]:
    """The totals, in percent, from 0 on; each is above the one before."""
    return tuple(each.percent for each in total_rises(sitting))


def total_over_time(sitting: Sitting, elapsed: float, places: int) -> tuple[float | None, ...]:
    """The total at so many places over the whole sitting; None for those that are to come."""
    rises, found = total_rises(sitting), list[float | None]()
    for place in range(places):
        moment = sitting.seconds * place / max(1, places - 1)
        before = [each.percent for each in rises if each.elapsed <= moment]
        found.append(before[-1] if moment <= elapsed else None)
    # What was won since the last place is not left out.
    known = sum(each is not None for each in found)
    return (*found[: known - 1], rises[-1].percent, *found[known:]) if known else tuple(found)
