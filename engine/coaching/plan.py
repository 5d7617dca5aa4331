"""Lays out the days until an exam: which tasks on which day, and when to sit a whole mock exam.

A plan is not kept: it follows from the past sittings and today's date, so asking again lays it
out anew by what was done and what was missed. Planned tasks count as done with four points, so
that the days after them turn to other skills.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from msgspec.structs import replace

from engine.coaching.advice import Advice, advice
from engine.coaching.past_tasks import PastTask
from engine.errors import SittingError
from exam_bank.phrase import phrase
from exam_bank.task import Task

LONGEST = 366
EXAM_MINUTES = 300.0
# Whole mock exams, so many days before the exam, while there is time to learn from them.
MOCKS = (7, 2)
_PLANNED_SCORE = 4
_PLANNED = "planned"
_SHORTEST = 15.0
_MOST_A_DAY = 12


class PlannedDay(msgspec.Struct, frozen=True, kw_only=True):
    """What to do on `day`: these tasks, or (`mock`) a whole mock exam."""

    day: date
    tasks: tuple[Advice, ...] = ()
    mock: bool = False

    @property
    def minutes(self) -> float:
        """How long it takes."""
        return EXAM_MINUTES if self.mock else sum(each.minutes for each in self.tasks)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The days until `exam`, and what was done today already, in minutes."""

    exam: date
    hours: float
    days: tuple[PlannedDay, ...]
    done_today: float


def plan(
    tasks: Sequence[Task],
    past: Iterable[PastTask],
    *,
    now: datetime,
    exam: date,
    hours: float,
    available: Iterable[str] | None = None,
) -> Plan:
    """Plan `hours` a day from the day of `now` to the day before `exam`.

    `now` is a local time. Raises `SittingError` when `exam` is not within the next year.
    """
    today = now.date()
    _need_within_a_year(today, exam)
    done = [*past]
    draft = _PlanDraft(tasks, done, now, None if available is None else frozenset(available))
    spent = sum(each.seconds for each in done if each.when.astimezone(now.tzinfo).date() == today)
    budget, days = hours * 60 - spent / 60, []
    for number in range((exam - today).days):
        day = today + timedelta(days=number)
        if (exam - day).days in MOCKS:
            days.append(PlannedDay(day=day, mock=True))
            budget = 0.0
        else:
            days.append(PlannedDay(day=day, tasks=tuple(draft.fill(day, budget))))
            budget -= days[-1].minutes
        # What a day took too long is taken from the next.
        budget = hours * 60 + min(0.0, budget)
    return Plan(exam=exam, hours=hours, days=tuple(days), done_today=round(spent / 60, 1))


def _need_within_a_year(today: date, exam: date) -> None:
    if not today < exam <= today + timedelta(days=LONGEST):
        raise SittingError(
            phrase("{exam} is not within a year from tomorrow.", exam=exam.isoformat()),
            fix=phrase("Write the date of the exam as in 2027-01-31."),
        )


class _PlanDraft:
    """Fills one day after the other, as if each planned task were done."""

    def __init__(
        self,
        tasks: Sequence[Task],
        past: Sequence[PastTask],
        now: datetime,
        available: frozenset[str] | None,
    ) -> None:
        self._tasks, self._past, self._now = tasks, list(past), now
        self._available = available

    def fill(self, day: date, budget: float) -> Iterator[Advice]:
        """The tasks of `day`: the first may take longer than the budget, the others fit."""
        left, chosen = budget, self._done_on(day)
        planned = 0
        while left >= _SHORTEST and planned < _MOST_A_DAY:
            moment = self._moment(day, planned)
            offers = advice(self._tasks, self._past, moment, self._available)
            fits = (
                each
                for each in offers
                if each.task not in chosen and (each.minutes <= left or not planned)
            )
            best = next(fits, None)
            if best is None:
                return
            yield best if day == self._now.date() else _without_days(best)
            chosen.add(best.task)
            planned += 1
            left -= best.minutes
            self._past.append(
                PastTask(
                    task=best.task,
                    sitting=f"{_PLANNED} {moment.isoformat()}",
                    when=moment,
                    score=_PLANNED_SCORE,
                )
            )

    def _done_on(self, day: date) -> set[str]:
        """The tasks that were done on `day`: none comes twice."""
        zone = self._now.tzinfo
        return {each.task for each in self._past if each.when.astimezone(zone).date() == day}

    def _moment(self, day: date, place: int) -> datetime:
        """A moment of `day` that comes after all that was done before."""
        noon = datetime.combine(day, time(12, place), tzinfo=self._now.tzinfo)
        return max(noon, self._now + timedelta(minutes=place)).astimezone(UTC)


def _without_days(advised: Advice) -> Advice:
    """For a later day: how long ago something will be then depends on the days between."""
    return replace(advised, reasons=tuple(replace(each, days=None) for each in advised.reasons))
