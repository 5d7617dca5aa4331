"""Tells the kind of a task from its contract and metric, which decides the formulas to try."""

from typing import Literal

from exam_bank.task import ERRORS, Contract, MetricName, Task

TaskKind = Literal["series", "table", "classes", "pictures", "text"]


def kind_of(task: Task) -> TaskKind:
    """The kind of `task`."""
    return kind_of_contract(task.says.contract, task.says.mark_scheme.metric)


def kind_of_contract(contract: Contract, metric: MetricName) -> TaskKind:
    """The kind of a task with this contract and metric."""
    if metric in ERRORS:
        return "table" if len(contract.input.shape) == 1 else "series"
    if contract.input.dtype == "int32":
        return "text"
    return "classes" if len(contract.input.shape) == 1 else "pictures"
