"""Where a candidate stands: the one thing that skills, advice and plans are made from."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import msgspec

from engine.clock import Clock
from engine.coaching.advice import Advice, advice
from engine.coaching.past_tasks import PastTask, past_tasks
from engine.coaching.plan import Plan, plan
from engine.coaching.strength import SkillStrength, strengths, weakest_first
from exam_bank.task import Task


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """All past tasks at the moment `now`, and the tasks there are.

    `available` are the ids of the tasks whose data are here; None if nobody looked.
    """

    tasks: tuple[Task, ...]
    past: tuple[PastTask, ...]
    now: datetime
    available: frozenset[str] | None = None

    def skills(self) -> list[SkillStrength]:
        """Every skill of the checklist, the weakest first."""
        return weakest_first(strengths(self.tasks, self.past, self.now))

    def advice(self) -> tuple[Advice, ...]:
        """The tasks worth practising now, the best first."""
        return advice(self.tasks, self.past, self.now, self.available)

    def plan(self, exam: date, hours: float) -> Plan:
        """The days until `exam`; raises `SittingError` if that is not within a year."""
        return plan(
            self.tasks,
            self.past,
            now=self.now,
            exam=exam,
            hours=hours,
            available=self.available,
        )


def standing(
    sittings: Path, tasks: Sequence[Task], clock: Clock, absent: Iterable[Task] | None = None
) -> Standing:
    """Where the candidate stands whose sittings are in the folder `sittings`.

    `absent` are the tasks whose data are not here.
    """
    gone = None if absent is None else {each.id for each in absent}
    available = (
        None if gone is None else frozenset(each.id for each in tasks if each.id not in gone)
    )
    return Standing(
        tasks=tuple(tasks),
        past=past_tasks(sittings),
        now=clock.now().local(),
        available=available,
    )
