"""Tells the kind of a task from its contract and metric, which decides the formulas to try."""

from typing import Literal

from exam_bank.task import ERRORS, Task

TaskKind = Literal["series", "table", "classes", "pictures", "text"]


def kind_of(task: Task) -> TaskKind:
    """The kind of `task`."""
    contract = task.says.contract
    if task.says.mark_scheme.metric in ERRORS:
        return "table" if len(contract.input.shape) == 1 else "series"
    if contract.input.dtype == "int32":
        return "text"
    return "classes" if len(contract.input.shape) == 1 else "pictures"
