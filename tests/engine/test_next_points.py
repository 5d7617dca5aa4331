from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.grading.protocol import Graded, Message, Metric
from engine.sitting.state import events
from engine.sitting.state.sitting import Sitting
from engine.sitting.views.next_points import NextPoint, next_points
from exam_bank.task import LevelMarks, Task
from tests.engine.sittings import FIRST, SECOND, make_bank, make_record


class Course:
    """A sitting with two tasks marked by mean absolute error: 5, 4, 3, 2, 1 for 1 to 5 points."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.tasks: dict[str, Task] = {each.id: each for each in make_bank(folder).tasks}
        started = events.Started(at=self.clock.now())
        self.sitting = Sitting(record=make_record()).apply(started)

    def measure(self, task: str, value: float | None, score: int) -> None:
        number, now = len(self.sitting.submissions) + 1, self.clock.now()
        grade = Graded(message=Message("So."), metric=Metric("mae", value, 9), score=score)
        for event in (
            events.Submitted(at=now, number=number, task=task, sha256=str(number), size=1),
            events.GradingStarted(at=now, number=number),
            events.GradingEnded(at=now, number=number, grade=grade),
        ):
            self.sitting = self.sitting.apply(event)

    def next(self) -> tuple[NextPoint, ...]:
        return next_points(self.sitting, self.tasks)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path / "bank")


def test_what_was_measured_best_is_where_one_stands(course: Course) -> None:
    course.measure(FIRST, 3.5, 2)
    course.measure(FIRST, 4.5, 1)
    first = next(each for each in course.next() if each.task == FIRST)
    assert (first.now, first.needed, first.score) == (3.5, 3.0, 3)
    assert first.effort == pytest.approx(0.5 / 3.5)
    assert first.percent == pytest.approx(100 / 3 / 5)


def test_the_cheapest_point_is_the_one_that_costs_least_for_most(course: Course) -> None:
    course.measure(FIRST, 3.5, 2)
    course.measure(SECOND, 3.5, 2)
    assert [each.task for each in course.next()] == [SECOND, FIRST]  # it weighs twice as much
    course.measure(FIRST, 3.01, 2)
    assert [each.task for each in course.next()] == [FIRST, SECOND]


def test_a_task_with_full_marks_has_no_next_point(course: Course) -> None:
    course.measure(FIRST, 0.5, 5)
    assert [each.task for each in course.next()] == [SECOND]
    course.measure(SECOND, 0.5, 5)
    assert course.next() == ()


def test_nothing_measured_asks_for_the_first_threshold(course: Course) -> None:
    course.measure(SECOND, None, 0)
    assert [(each.now, each.needed, each.score) for each in course.next()] == [
        (None, 5.0, 1),
        (None, 5.0, 1),
    ]
    assert all(each.effort == 1.0 for each in course.next())


def test_the_next_point_is_that_of_the_sittings_level(course: Course) -> None:
    says, record = course.tasks[FIRST].says, course.sitting.record
    classic = LevelMarks(thresholds=(9.0, 8.0, 7.0, 6.0, 5.0))
    hard = LevelMarks(thresholds=(5.0, 4.0, 3.0, 2.0, 1.0))
    scheme = replace(says.mark_scheme, thresholds=None, classic=classic, hard=hard)
    course.tasks[FIRST] = Task(replace(says, mark_scheme=scheme), course.tasks[FIRST].folder)
    course.measure(FIRST, 6.5, 3)
    for level, needed in (("classic", 6.0), ("hard", 2.0)):
        paper = replace(record.paper, stated_level=level)
        course.sitting = replace(course.sitting, record=replace(record, paper=paper))
        assert next(each for each in course.next() if each.task == FIRST).needed == needed


def test_thresholds_that_repeat_bring_several_points_at_once(course: Course) -> None:
    says = course.tasks[FIRST].says
    scheme = replace(says.mark_scheme, coarse=True, thresholds=(5.0, 4.0, 4.0, 2.0, 1.0))
    course.tasks[FIRST] = Task(replace(says, mark_scheme=scheme), course.tasks[FIRST].folder)
    course.measure(FIRST, 4.5, 1)
    first = next(each for each in course.next() if each.task == FIRST)
    assert (first.needed, first.score) == (4.0, 3)
    assert first.percent == pytest.approx(100 / 3 * 2 / 5)


def test_a_share_that_grows_is_measured_by_what_it_lacks() -> None:
    point = NextPoint(
        task="t",
        category=1,
        metric="accuracy",
        direction="higher",
        now=0.90,
        needed=0.95,
        score=5,
        percent=4.0,
    )
    assert point.effort == pytest.approx(0.5)
