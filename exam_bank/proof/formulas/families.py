"""The trivial predictors for a task, which need no training, grouped in families.

Each kind of task has one routine, so that no author chooses which formulas the mark scheme
must withstand. A family holds its members' predictions by name, shaped like a model's
output; the best member counts, because a candidate would look for it too.
"""

from collections.abc import Mapping

import numpy as np

from exam_bank.material import Array
from exam_bank.proof.formulas import of_classes, of_series, of_tables, of_texts
from exam_bank.proof.formulas.kinds import kind_of
from exam_bank.proof.formulas.pairs import Pairs
from exam_bank.task import Task

Members = Mapping[str, Array]
Families = Mapping[str, Members]


def families(task: Task, pairs: Pairs, asked: Array) -> Families:
    """Predictions for the inputs `asked`, by family and member, made from `pairs`."""
    kind = kind_of(task)
    if kind == "series":
        return of_series.families(pairs.targets, asked)
    if kind == "table":
        return of_tables.families(pairs.inputs, pairs.targets, asked)
    shown, labels = pairs.inputs, pairs.targets.ravel().astype(np.int64)
    contract = task.says.contract
    classes = of_classes.width(contract)
    found = of_classes.constant(labels, len(asked), classes)
    if kind == "text":
        found |= of_texts.families(shown, labels, asked, classes)
    else:
        found |= of_classes.by_means(shown, labels, asked, classes)
    if kind == "pictures":
        found |= of_classes.by_light(shown, labels, asked, classes)
    return {
        family: {name: of_classes.as_output(each, contract) for name, each in members.items()}
        for family, members in found.items()
    }
