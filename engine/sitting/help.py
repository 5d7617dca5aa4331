"""Help that a candidate asks for: the next hint of a task, or to give it up."""

from collections.abc import Container, Mapping

from engine.clock import Instant
from engine.errors import SittingError, TransitionError
from engine.files import said
from engine.sitting.commands import GiveUp, SeeHint
from engine.sitting.state.events import HintSeen, TaskGivenUp
from engine.sitting.state.sitting import Sitting
from exam_bank.learning.hints import Hint, hints_of
from exam_bank.phrase import phrase
from exam_bank.task import Task


def help_event(
    item: SeeHint | GiveUp,
    sitting: Sitting,
    tasks: Mapping[str, Task],
    language: str,
    now: Instant,
    closed: Container[str] = (),
) -> HintSeen | TaskGivenUp:
    """What happens if the candidate gets the help that `item` asks for.

    Raises `TransitionError` when there is no further hint or the task is `closed`, being in a
    faithful exam that goes on; `SittingError` when the hints cannot be read. Whether the sitting
    allows help is for its state to say.
    """
    if item.task in closed:
        raise TransitionError(phrase("This task is also in a faithful exam that goes on."))
    if isinstance(item, GiveUp):
        return TaskGivenUp(at=now, task=item.task)
    seen = sitting.hints.get(item.task, 0)
    if item.task in tasks and seen >= len(_hints(tasks[item.task], language)):
        raise TransitionError(phrase("There are no more hints."))
    return HintSeen(at=now, task=item.task, number=seen + 1)


def hints_seen(sitting: Sitting, task: Task, language: str) -> tuple[tuple[Hint, ...], int]:
    """The hints of `task` that the candidate has seen, and how many it has; none if unreadable."""
    try:
        hints = hints_of(task, language)
    except OSError:
        return (), 0
    return hints[: sitting.hints.get(task.id, 0)], len(hints)


def _hints(task: Task, language: str) -> tuple[Hint, ...]:
    try:
        return hints_of(task, language)
    except OSError as error:
        raise SittingError(
            phrase("The hints of {task} cannot be read: {error}.", task=task.id, error=said(error))
        ) from error
