"""Every task that the candidate has worked on in earlier sittings, as their journals tell it.

A sitting in faithful mode counts only after its end: before that, nothing may be told of it.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from engine.errors import TfexamError
from engine.sitting.state.sitting import Phase, Sitting
from engine.sitting.store.history import past
from engine.sitting.store.record import kept_sittings


class PastTask(msgspec.Struct, frozen=True, kw_only=True):
    """One task of one sitting: when it was last worked on, its best score, the help used.

    `score` is the best before it was given up. `seconds` is the exam time spent on it.
    """

    task: str
    sitting: str
    when: datetime
    score: int
    hints: int = 0
    given_up: bool = False
    seconds: float = 0.0


def past_tasks(sittings: Path) -> tuple[PastTask, ...]:
    """The tasks of all readable sittings in the folder `sittings`, oldest first.

    Raises `WorkspaceError` where sittings cannot be kept.
    """
    every = [task for folder in kept_sittings(sittings) for task in _of_folder(folder)]
    return tuple(sorted(every, key=lambda each: (each.when, each.task)))


def of_sitting(sitting: Sitting) -> Iterator[PastTask]:
    """The tasks that were worked on in `sitting`; none of a faithful one that goes on."""
    if sitting.phase is not Phase.ENDED and not sitting.explains:
        return
    for each in sitting.record.paper.tasks:
        if (found := _of_task(sitting, each.task)) is not None:
            yield found


def _of_folder(folder: Path) -> tuple[PastTask, ...]:
    sitting = _state(folder)
    return () if sitting is None else tuple(of_sitting(sitting))


def _state(folder: Path) -> Sitting | None:
    try:
        return past(folder)
    except TfexamError:
        return None  # `tfexam history` lists damaged sittings


def _of_task(sitting: Sitting, task: str) -> PastTask | None:
    counted = [each for each in sitting.of(task) if each.score is not None]
    given_up = task in sitting.given_up
    if not counted and not given_up:
        return None
    before = sitting.given_up.get(task, len(sitting.submissions))
    own = [each.score or 0 for each in counted if each.number <= before]
    last = counted[-1].at if counted else sitting.last or sitting.record.created
    return PastTask(
        task=task,
        sitting=sitting.record.id,
        when=last.utc(),
        score=max(own, default=0),
        hints=sitting.hints.get(task, 0),
        given_up=given_up,
        seconds=sitting.spent.get(task, 0.0),
    )
