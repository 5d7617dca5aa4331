"""How many minutes each task should take: what its `task.toml` says, made to fit the sitting."""

from collections.abc import Mapping

from engine.sitting.state.sitting import SittingRecord
from exam_bank.task import Task


def target_minutes(record: SittingRecord, tasks: Mapping[str, Task]) -> dict[str, int]:
    """Whole minutes for each task of the paper that is known.

    Extra time lengthens them. Where they add up to more than the sitting has, each gets its share.
    """
    given = {
        each.task: tasks[each.task].says.minutes * record.extra_time
        for each in record.paper.tasks
        if each.task in tasks
    }
    whole = sum(given.values())
    share = min(1.0, record.whole_minutes / whole) if whole else 1.0
    return {task: max(1, round(minutes * share)) for task, minutes in given.items()}
