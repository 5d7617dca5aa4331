"""What classic promises for pictures and texts: enough tasks, no cliff, a target that is enough."""

import pytest

from exam_bank.catalog import Catalog
from exam_bank.task import Task

CATEGORIES = (3, 4)
CLASSIC = [
    task
    for task in Catalog.find().tasks
    if task.category in CATEGORIES and "classic" in task.levels
]


@pytest.mark.parametrize("category", CATEGORIES)
def test_enough_tasks_serve_classic_and_two_need_no_network(category: int) -> None:
    found = [task for task in CLASSIC if task.category == category and not task.says.draft]
    assert len(found) >= 5
    assert sum(task.says.source == "synthetic" for task in found) >= 2


@pytest.mark.parametrize("task", CLASSIC, ids=lambda task: task.id)
def test_from_three_points_to_five_half_of_the_error_may_stay(task: Task) -> None:
    _, _, third, _, fifth = task.marks("classic").thresholds
    assert 1 - fifth >= 0.5 * (1 - third) - 1e-9


@pytest.mark.parametrize("task", CLASSIC, ids=lambda task: task.id)
def test_the_target_lies_above_the_threshold_of_full_marks(task: Task) -> None:
    target = task.says.mark_scheme.target
    assert target is None or target > task.marks("classic").thresholds[-1]
