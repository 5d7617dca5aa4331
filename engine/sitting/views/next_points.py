"""Which point of a sitting is cheapest: how far each task is from its next threshold. Pure.

With twenty minutes left, candidates ask one thing: where does a point cost least? The cost
is the share of the remaining error that has to go: half of it from 90 to 95 % accuracy, a
tenth from 50 to 55 %. The gain is the task's weight. The real exam shows neither, so only
coach mode does.
"""

import math
from collections.abc import Mapping

import msgspec

from engine import marking
from engine.grading.protocol import Graded
from engine.sitting.state.sitting import Sitting
from exam_bank.task import Direction, MarkScheme, MetricName, Task


class NextPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What the next point of one task requires, and what it brings.

    `now` is the best metric so far, None before any measurement; reaching `needed` gives
    `score`. `percent` is what that adds to the total.
    """

    task: str
    category: int
    metric: MetricName
    direction: Direction
    now: float | None
    needed: float
    score: int
    percent: float

    @property
    def effort(self) -> float:
        """The share of the current error that has to go; all of it if unknown."""
        if self.now is None:
            return 1.0
        now, needed = self.now, self.needed
        if self.direction == "higher":
            now, needed = 1.0 - now, 1.0 - needed
        return max(0.0, (now - needed) / now) if now > 0 else 0.0


def next_points(sitting: Sitting, tasks: Mapping[str, Task]) -> tuple[NextPoint, ...]:
    """The next point of each task below full marks, the best value for effort first."""
    found = [
        _next_point(sitting, tasks[task], share)
        for task, share in sitting.record.paper.shares.items()
        if task in tasks and sitting.best(task) != marking.MAX_SCORE
    ]
    return tuple(sorted(found, key=_cost))


def _cost(point: NextPoint) -> tuple[float, int]:
    return (point.effort / point.percent if point.percent else math.inf, point.category)


def _next_point(sitting: Sitting, task: Task, share: float) -> NextPoint:
    scheme, best = task.marks(sitting.record.paper.level), sitting.best(task.id) or 0
    needed = scheme.thresholds[best]
    score = marking.score(needed, scheme)  # more than one point further if thresholds repeat
    return NextPoint(
        task=task.id,
        category=task.category,
        metric=scheme.metric,
        direction=scheme.direction,
        now=_best_value(sitting, task.id, scheme),
        needed=needed,
        score=score,
        percent=share * (score - best) / marking.MAX_SCORE,
    )


def _best_value(sitting: Sitting, task: str, scheme: MarkScheme) -> float | None:
    best = max if scheme.direction == "higher" else min
    return best(_values(sitting, task), default=None)


def _values(sitting: Sitting, task: str) -> list[float]:
    grades = [each.grade for each in sitting.of(task)]
    return [
        each.metric.value
        for each in grades
        if isinstance(each, Graded) and each.metric.value is not None
    ]
