"""How strong each skill of the checklist is, from every task that the candidate worked on.

Whether a skill is still there, and when it is due again, is left to FSRS, a scheduler that was
fitted to millions of reviews (the package `fsrs`): each past task is a review of its skills.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from fsrs import Card, Rating, Scheduler

from engine.coaching.past_tasks import PastTask
from engine.marking import MAX_SCORE
from exam_bank.learning.checklist import Skill, checklist, skill_tasks
from exam_bank.task import Task

# Sittings are days apart: no steps of minutes, and the same answer each time it is asked.
_SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
_GOOD, _HARD = 4, 3


class SkillStrength(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one skill; `best`, `last` and `due` are None before it was practised.

    `tasks` test it. `recall` is the chance that it is still there, by FSRS. `hints` were seen
    when it was practised last; `times` counts the tasks worked on.
    """

    skill: Skill
    tasks: tuple[str, ...]
    times: int = 0
    best: int | None = None
    last: datetime | None = None
    due: datetime | None = None
    recall: float = 0.0
    hints: int = 0
    given_up: bool = False

    @property
    def strength(self) -> float:
        """From 0 to 1: the share of the points reached, times the chance to remember."""
        return (self.best or 0) / MAX_SCORE * self.recall

    def days_since(self, now: datetime) -> int | None:
        """Whole days since it was last practised."""
        return None if self.last is None else max(0, (now - self.last).days)

    def is_due(self, now: datetime) -> bool:
        """Whether it was practised, and is due again."""
        return self.due is not None and self.due <= now


def rating_of(past: PastTask) -> Rating:
    """What FSRS is told about a past task: full marks alone are easy, help makes it harder."""
    if past.given_up or past.score < _HARD:
        return Rating.Again
    if past.score == MAX_SCORE:
        return Rating.Good if past.hints else Rating.Easy
    return Rating.Good if past.score >= _GOOD and not past.hints else Rating.Hard


def strengths(
    tasks: Iterable[Task], past: Iterable[PastTask], now: datetime
) -> dict[str, SkillStrength]:
    """The strength of every skill of the checklist at the moment `now`, in its order.

    `past` may name tasks that the bank no longer has; they count for nothing.
    """
    whole = tuple(tasks)
    skills_of = {each.id: each.says.skills for each in whole}
    reviews: dict[str, list[PastTask]] = {}
    for each in sorted(past, key=lambda each: each.when):
        for skill in skills_of.get(each.task, ()):
            reviews.setdefault(skill, []).append(each)
    testing = skill_tasks(whole)
    return {
        skill.id: _strength(skill, testing[skill.id], reviews.get(skill.id, ()), now)
        for skill in checklist().skills
    }


def task_strength(task: str, past: Iterable[PastTask], now: datetime) -> float:
    """How well the candidate knows one task, as a skill of its own, from 0 to 1."""
    reviews = sorted((each for each in past if each.task == task), key=lambda each: each.when)
    if not reviews:
        return 0.0
    recall = _recall(_card(reviews), reviews[-1], now)
    return max(each.score for each in reviews) / MAX_SCORE * recall


def weakest_first(found: Mapping[str, SkillStrength]) -> list[SkillStrength]:
    """The skills that a task tests, the weakest first, then those that none can."""
    order = {name: place for place, name in enumerate(found)}
    return sorted(
        found.values(),
        key=lambda each: (not each.tasks, each.strength, each.times, order[each.skill.id]),
    )


def _strength(
    skill: Skill, tasks: Sequence[Task], reviews: Sequence[PastTask], now: datetime
) -> SkillStrength:
    names = tuple(each.id for each in tasks)
    if not reviews:
        return SkillStrength(skill=skill, tasks=names)
    card = _card(reviews)
    last = reviews[-1]
    return SkillStrength(
        skill=skill,
        tasks=names,
        times=len(reviews),
        best=max(each.score for each in reviews),
        last=last.when,
        due=card.due,
        recall=_recall(card, last, now),
        hints=last.hints,
        given_up=last.given_up,
    )


def _recall(card: Card, last: PastTask, now: datetime) -> float:
    return _SCHEDULER.get_card_retrievability(card, max(now, last.when))


def _card(reviews: Sequence[PastTask]) -> Card:
    # With an id, or fsrs would read the clock and sleep.
    card = Card(card_id=0, due=reviews[0].when)
    for _, of_one_sitting in itertools.groupby(reviews, key=lambda each: each.sitting):
        # Several tasks of one sitting are one review: the best of them shows the skill.
        best = max(of_one_sitting, key=rating_of)
        card, _log = _SCHEDULER.review_card(card, rating_of(best), best.when.astimezone(UTC))
    return card
