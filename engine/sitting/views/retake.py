"""The retake wait: how long the real exam would have one wait after exams not passed. Pure.

14 days after the first, two months after the second, a year after the third and any
later one; an exam that was passed starts the ladder anew. Days are those of the machine's
calendar. A mock only tells of it: whoever wants to go on can.
"""

import calendar
from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from engine.clock import Instant
from engine.sitting.state.sitting import Phase
from engine.sitting.store.history import Summary

_DAYS, _MONTHS, _YEAR = 14, 2, 12


class RetakeWait(msgspec.Struct, frozen=True):
    """No exam before `until`, for the last `failures` of them in a row were not passed."""

    failures: int
    until: date


def retake_wait(summaries: Iterable[Summary], now: Instant) -> RetakeWait | None:
    """The wait that holds at `now` after the exams of `summaries`; None where none does.

    Only exams count whose result is settled: practice, what still runs or is graded, and
    what our grader failed on do not.
    """
    exams = (each for each in summaries if _is_settled(each))
    failures, last = 0, None
    for each in sorted(exams, key=lambda each: _end(each).wall):
        failures, last = (0, None) if each.passed else (failures + 1, _end(each))
    if last is None:
        return None
    until = _after(last.local().date(), failures)
    return RetakeWait(failures, until) if now.local().date() < until else None


def _is_settled(summary: Summary) -> bool:
    over = summary.kind == "exam" and summary.phase is Phase.ENDED
    open_gradings = summary.unfinished + (0 if summary.passed else summary.failed)
    return over and not open_gradings


def _end(summary: Summary) -> Instant:
    return summary.ended or summary.created


def _after(day: date, failures: int) -> date:
    """The first day on which one may sit again, `failures` of them ending on `day`."""
    if failures == 1:
        return day + timedelta(days=_DAYS)
    return _months_later(day, _MONTHS if failures == 2 else _YEAR)


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
