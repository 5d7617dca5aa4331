from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import Instant
from engine.sitting.state.sitting import Phase
from engine.sitting.store.history import Summary
from engine.sitting.views.retake import RetakeWait, retake_wait

# At noon, so that the machine's time zone cannot move a day.
FIRST = datetime(2027, 1, 15, 12, tzinfo=UTC)


def at(day: date) -> Instant:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Instant(noon.timestamp(), 0.0, "boot")


def exam(day: date, **given: object) -> Summary:
    values: dict[str, object] = {
        "id": str(day),
        "created": at(day),
        "ended": at(day),
        "phase": Phase.ENDED,
        "folder": f"/sittings/{day}",
    }
    return Summary(**{**values, **given})  # type: ignore[arg-type]


DAY = FIRST.date()


def test_without_an_exam_nobody_waits() -> None:
    assert retake_wait([], at(DAY)) is None


@pytest.mark.parametrize(
    ("failures", "until"),
    [
        (1, date(2027, 1, 29)),
        (2, date(2027, 3, 15)),
        (3, date(2028, 1, 15)),
        (4, date(2028, 1, 15)),
    ],
)
def test_each_exam_not_passed_makes_the_wait_longer(failures: int, until: date) -> None:
    days = [DAY - timedelta(days=400 * n) for n in range(failures)]
    exams = [exam(day) for day in days]
    assert retake_wait(exams, at(DAY)) == RetakeWait(failures, until)
    assert retake_wait(exams, at(until - timedelta(days=1))) is not None
    assert retake_wait(exams, at(until)) is None


def test_two_months_after_the_end_of_december_is_the_end_of_february() -> None:
    exams = [exam(date(2026, 12, 1)), exam(date(2026, 12, 31))]
    wait = retake_wait(exams, at(date(2027, 1, 2)))
    assert wait == RetakeWait(2, date(2027, 2, 28))


def test_an_exam_that_was_passed_starts_the_ladder_anew() -> None:
    failed, passed = exam(DAY - timedelta(days=30)), exam(DAY - timedelta(days=20), passed=True)
    assert retake_wait([failed, passed], at(DAY)) is None
    assert retake_wait([exam(DAY), failed, passed], at(DAY)) == RetakeWait(1, date(2027, 1, 29))


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "practice"},
        {"phase": Phase.RUNNING},
        {"phase": Phase.PREPARED},
        {"phase": "damaged"},
        {"unfinished": 1},
        {"failed": 1},
    ],
)
def test_only_exams_whose_result_is_settled_count(given: dict[str, object]) -> None:
    assert retake_wait([exam(DAY, **given)], at(DAY)) is None


def test_a_passed_exam_on_which_the_grader_failed_once_is_settled() -> None:
    earlier = exam(DAY - timedelta(days=1))
    assert retake_wait([earlier, exam(DAY, passed=True, failed=1)], at(DAY)) is None


def test_the_wait_is_counted_from_the_end_and_not_from_the_making_of_the_paper() -> None:
    late = exam(DAY - timedelta(days=300), ended=at(DAY))
    assert retake_wait([late], at(DAY)) == RetakeWait(1, date(2027, 1, 29))


_DAYS = st.integers(0, 2000).map(lambda n: DAY + timedelta(days=n))
_EXAMS = st.lists(st.builds(exam, _DAYS, passed=st.booleans()), max_size=6)


@given(exams=_EXAMS, now=_DAYS)
def test_a_wait_is_never_longer_than_a_year_and_a_day_and_is_never_over(
    exams: list[Summary], now: date
) -> None:
    wait = retake_wait(exams, at(now))
    if wait is not None:
        last = max(each.created.local().date() for each in exams)
        assert timedelta(0) < wait.until - now
        assert wait.until - last <= timedelta(days=366)


@given(exams=_EXAMS, now=_DAYS)
def test_the_order_of_the_list_does_not_matter(exams: list[Summary], now: date) -> None:
    # Two on one day have no order of their own.
    exams = list({each.id: each for each in exams}.values())
    assert retake_wait(exams, at(now)) == retake_wait(exams[::-1], at(now))


@given(exams=_EXAMS, now=_DAYS, days=st.integers(0, 400))
def test_as_time_goes_by_a_wait_only_ends(exams: list[Summary], now: date, days: int) -> None:
    later = retake_wait(exams, at(now + timedelta(days=days)))
    assert later is None or later == retake_wait(exams, at(now))
