import pytest

from engine.clock import ManualClock
from engine.sitting.state import events
from engine.sitting.state.reminders import due
from engine.sitting.state.sitting import Sitting
from tests.engine.sittings import make_record


def running(minutes: float, warned: int | None = None) -> Sitting:
    at = ManualClock().now()
    sitting = Sitting(record=make_record(minutes=minutes)).apply(events.Started(at=at))
    return sitting if warned is None else sitting.apply(events.Warned(at=at, minutes=warned))


@pytest.mark.parametrize(
    ("left", "minutes"),
    [
        (3600.5, None),
        (3600, 60),
        (1801, 60),
        (1800, 30),
        (600, 10),
        (300, 5),
        (60, 1),
        (0.5, 1),
        (0, None),
    ],
)
def test_each_mark_is_due_from_its_moment_on(left: float, minutes: int | None) -> None:
    assert due(running(300), left) == minutes


def test_marks_that_passed_while_nobody_looked_are_told_as_one() -> None:
    assert due(running(300), 400.0) == 10


def test_what_was_told_is_not_due_again() -> None:
    assert due(running(300, warned=30), 1700.0) is None
    assert due(running(300, warned=30), 599.0) == 10
    assert due(running(300), 1700.0, told=30) is None


def test_a_short_sitting_is_not_warned_as_it_begins() -> None:
    assert due(running(60), 3600.0) is None
    assert due(running(5), 290.0) is None
    assert due(running(5), 59.0) == 1


def test_nobody_is_warned_while_the_clock_stands() -> None:
    assert due(Sitting(record=make_record()), 50.0) is None
