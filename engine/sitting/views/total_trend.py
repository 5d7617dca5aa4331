"""How the total grew: one value after each submission that raised it."""

from engine.marking import total_percent
from engine.sitting.state.sitting import Sitting


def total_trend(sitting: Sitting) -> tuple[float, ...]:
    """The totals, in percent, from 0 on; each is above the one before."""
    weights, best = sitting.record.paper.weights, dict.fromkeys(sitting.scores, 0)
    found = [0.0]
    for each in sitting.submissions:
        if each.score is None or each.score <= best[each.task]:
            continue
        best[each.task] = each.score
        found.append(total_percent(best, weights))
    return tuple(found)
