"""The retake wait: how long the real exam makes one wait after failed exams. Pure.

14 days after the first, two months after the second, a year after the third and any later
one; a pass resets the count. Days follow the machine's calendar. A mock only mentions the
wait: anyone may go on.
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
    """No exam before `until`, because the last `failures` exams in a row were failed."""

    failures: int
    until: date


def retake_wait(summaries: Iterable[Summary], now: Instant) -> RetakeWait | None:
    """The wait in force at `now` after the exams of `summaries`; None if there is none.

    Only exams with a settled result count: not practice, not what is still running or being
    graded, and nothing our grader failed on.
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
    """The first day one may sit again, if the last of `failures` ended on `day`."""
    if failures == 1:
        return day + timedelta(days=_DAYS)
    return _months_later(day, _MONTHS if failures == 2 else _YEAR)


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
