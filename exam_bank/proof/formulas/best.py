"""The best-marked formula of each family, and the best-marked line.

A formula gets every benefit of the doubt: the best member of its family counts, and what the
files do not say (how classes are numbered) is read in its favour. If the files have a form
that cannot be read, each half of the hidden set serves as training rows for the other.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from exam_bank.material import Array, Material
from exam_bank.proof.formulas import linear
from exam_bank.proof.formulas.families import families
from exam_bank.proof.formulas.pairs import Pairs, asked, read
from exam_bank.task import Task

if TYPE_CHECKING:
    from exam_bank.proof.check import Mark

# With more classes than this, only the alphabetical numbering is tried.
_MOST_ORDERS = 7


class Best(NamedTuple):
    """The best of several predictions: its mark, its name, and how many there were."""

    mark: "Mark"
    member: str
    of: int

    @property
    def told(self) -> str:
        """Which of how many it is, if there were several."""
        return f"best of {self.of}: {self.member}" if self.of > 1 else ""


MarkIt = Callable[[Array], "Mark"]


def trivial(task: Task, material: Material, mark: MarkIt) -> Iterator[tuple[str, Best]]:
    """The best of each family of trivial predictors, by the family's name."""
    for family, members in _of_readings(
        task, material, lambda pairs, inputs: families(task, pairs, inputs), first=True
    )[0].items():
        if members:
            yield family, _best(task, members, mark)


def line(task: Task, material: Material, mark: MarkIt) -> Best:
    """The best line over all readings of the candidate's files."""
    found = _of_readings(
        task,
        material,
        lambda pairs, inputs: {"": {"": linear.predict(task, pairs, inputs)}},
        first=False,
    )
    return _best(task, {f"{place}": each[""][""] for place, each in enumerate(found)}, mark)


_Predicted = Mapping[str, Mapping[str, Array]]
_Predict = Callable[[Pairs, Array], _Predicted]


def _of_readings(
    task: Task, material: Material, predict: _Predict, *, first: bool
) -> list[_Predicted]:
    """The results of `predict` on the hidden inputs, for each reading of the candidate's files."""
    hidden = material.hidden
    readings = read(task, material)
    if not readings:
        return [_by_halves(hidden.inputs, hidden.targets, predict)]
    found = []
    for pairs in readings[:1] if first else readings:
        predicted = predict(pairs, asked(pairs, material))
        found.append(_numbered(predicted, hidden.targets) if pairs.named else predicted)
    return found


def _by_halves(inputs: Array, targets: Array, predict: _Predict) -> _Predicted:
    """Predict each half from the other; leaves out members that only one half has."""
    middle = len(inputs) // 2
    one, two = slice(None, middle), slice(middle, None)
    early = predict(Pairs(inputs[two], targets[two]), inputs[one])
    late = predict(Pairs(inputs[one], targets[one]), inputs[two])
    return {
        family: {
            name: np.concatenate([each, late[family][name]])
            for name, each in members.items()
            if name in late[family]
        }
        for family, members in early.items()
    }


def _numbered(found: _Predicted, targets: Array) -> _Predicted:
    return {
        family: {name: _in_best_order(each, targets) for name, each in members.items()}
        for family, members in found.items()
    }


def _in_best_order(answers: Array, targets: Array) -> Array:
    """`answers` with the classes numbered so that most of them are right."""
    truth = targets.ravel().astype(np.int64)
    if answers.shape[1] == 1:
        right = float(np.mean((answers[:, 0] >= 0.5) == truth))
        return answers if right >= 0.5 else 1 - answers
    classes = answers.shape[1]
    if classes > _MOST_ORDERS:
        return answers
    together = np.zeros((classes, classes))
    np.add.at(together, (answers.argmax(axis=1), truth), 1)
    orders = list(permutations(range(classes)))
    order = np.array(max(orders, key=lambda order: sum(together[range(classes), order])))
    return answers[:, np.argsort(order)]


def _best(task: Task, members: Mapping[str, Array], mark: MarkIt) -> Best:
    """The best-marked member; one without a value is better than none."""
    sign = 1 if task.says.mark_scheme.direction == "higher" else -1
    marks = [(mark(predictions), name) for name, predictions in members.items()]
    valued = [
        (sign * each.value, place)
        for place, (each, _) in enumerate(marks)
        if each.value is not None
    ]
    place = max(valued, key=lambda each: each[0])[1] if valued else 0
    return Best(*marks[place], len(marks))
