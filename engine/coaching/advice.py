"""Which task to practise now, and why: weak skills, heavy in the exam, due again.

The exam draws one task of each category. A skill weighs what it decides of the total on
average over all papers; what a task can gain is the weight of its skills times what they lack.
A task that was done well has less to teach until it fades, so it gains less. The best task gains
most in a minute.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from engine.coaching.past_tasks import PastTask
from engine.coaching.strength import SkillStrength, strengths, task_strength
from exam_bank.task import CATEGORIES, Task

Why = Literal["new", "weak", "due", "heavy", "refresh"]
# Of tasks that gain about the same, the one that was practised longest ago.
_ABOUT = 0.9
_HEAVY = 20.0
_WEAK = 3


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for a task; `skill` is the id it is about, and `percent` the exam's share.

    `days` is how long ago the skill was practised; None if never, or if that is only planned.
    """

    why: Why
    skill: str = ""
    best: int | None = None
    days: int | None = None
    category: int = 0
    percent: float = 0.0


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """A task to practise: why, how long it takes, and the percent of an exam it can gain."""

    task: str
    category: int
    minutes: float
    gain: float
    reasons: tuple[Reason, ...]


def advice(
    tasks: Sequence[Task],
    past: Iterable[PastTask],
    now: datetime,
    available: Iterable[str] | None = None,
) -> tuple[Advice, ...]:
    """The tasks worth practising at `now`, the best first.

    `available` are the ids of those whose data are here; all, if it is None. Drafts are left
    out, as from papers.
    """
    every, known = tuple(past), tuple(each for each in tasks if not each.says.draft)
    found = strengths(known, every, now)
    here = None if available is None else frozenset(available)
    weights = skill_weights(known)
    offers = [
        _advice(each, known, found, weights, every, now)
        for each in known
        if here is None or each.id in here
    ]
    return tuple(_ranked(offers, every))


def skill_weights(tasks: Sequence[Task]) -> dict[str, float]:
    """What each skill decides of the exam's total, in percent, on average over all papers."""
    weights: dict[str, float] = {}
    for task in tasks:
        count = sum(each.category == task.category for each in tasks)
        part = category_percent(tasks, task.category) * task.says.weight
        whole = sum(each.says.weight for each in tasks if each.category == task.category) / count
        for skill in task.says.skills:
            own = part / whole / count / len(task.says.skills)
            weights[skill] = weights.get(skill, 0.0) + own
    return weights


def category_percent(tasks: Sequence[Task], category: int) -> float:
    """The share of the exam's total that a category has on average, in percent."""
    means = {number: _mean_weight(tasks, number) for number in CATEGORIES}
    return 100.0 * means[category] / (sum(means.values()) or 1.0)


def _mean_weight(tasks: Sequence[Task], category: int) -> float:
    weights = [each.says.weight for each in tasks if each.category == category]
    return sum(weights) / len(weights) if weights else 0.0


def _advice(
    task: Task,
    tasks: Sequence[Task],
    found: Mapping[str, SkillStrength],
    weights: Mapping[str, float],
    past: Sequence[PastTask],
    now: datetime,
) -> Advice:
    lacks = {each: weights[each] * (1.0 - found[each].strength) for each in task.says.skills}
    percent = category_percent(tasks, task.category)
    return Advice(
        task=task.id,
        category=task.category,
        minutes=task.says.minutes,
        gain=sum(lacks.values()) * (1.0 - task_strength(task.id, past, now)),
        reasons=tuple(_reasons(task, found, lacks, percent, now)),
    )


def _ranked(offers: Iterable[Advice], past: Sequence[PastTask]) -> list[Advice]:
    """The best gain in a minute first; among about equal ones, the longest ago."""
    last = {each.task: each.when.timestamp() for each in past}
    rest = sorted(offers, key=lambda each: (-each.gain / each.minutes, each.task))
    ranked: list[Advice] = []
    while rest:
        least = _ABOUT * rest[0].gain / rest[0].minutes
        near = [each for each in rest if each.gain / each.minutes >= least]
        chosen = min(near, key=lambda each: (last.get(each.task, 0.0), rest.index(each)))
        ranked.append(chosen)
        rest.remove(chosen)
    return ranked


def _reasons(
    task: Task,
    found: Mapping[str, SkillStrength],
    lacks: Mapping[str, float],
    percent: float,
    now: datetime,
) -> list[Reason]:
    """At most three: the skill that lacks most, one that is due again, the category's weight."""
    order = sorted(lacks, key=lambda each: -lacks[each])
    reasons = [_about(found[order[0]], now)] if order else []
    due = next((each for each in order[1:] if found[each].is_due(now)), None)
    if due is not None:
        reasons.append(_about(found[due], now))
    if percent >= _HEAVY:
        reasons.append(Reason(why="heavy", category=task.category, percent=round(percent, 1)))
    return reasons


def _about(skill: SkillStrength, now: datetime) -> Reason:
    why: Why = "refresh"
    if skill.best is None:
        why = "new"
    elif skill.best <= _WEAK:
        why = "weak"
    elif skill.is_due(now):
        why = "due"
    return Reason(why=why, skill=skill.skill.id, best=skill.best, days=skill.days_since(now))
