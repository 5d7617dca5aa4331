"""A plan as a calendar file (`.ics`), one entry for each day, for any calendar program."""

from collections.abc import Callable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from engine.coaching.plan import Plan, PlannedDay

Describe = Callable[[PlannedDay], tuple[str, str]]


def to_ics(plan: Plan, now: datetime, describe: Describe, exam: str) -> bytes:
    """The `plan` as an iCalendar file; `describe` gives a day's title and its text.

    `exam` is the title of the exam's own day. Each day keeps its UID, so that importing a plan
    that was laid out again replaces the earlier one.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//tfexam//plan//EN")
    calendar.add("version", "2.0")
    for each in plan.days:
        if each.mock or each.tasks:
            title, text = describe(each)
            calendar.add_component(_entry(each, title, text, now))
    last = PlannedDay(day=plan.exam)
    calendar.add_component(_entry(last, exam, "", now))
    return bytes(calendar.to_ical())


def _entry(planned: PlannedDay, title: str, text: str, now: datetime) -> Event:
    entry = Event()
    entry.add("uid", f"{planned.day.isoformat()}@plan.tfexam")
    entry.add("dtstamp", now)
    entry.add("dtstart", planned.day)
    entry.add("dtend", planned.day + timedelta(days=1))
    entry.add("summary", title)
    entry.add("transp", "TRANSPARENT")
    if text:
        entry.add("description", text)
    return entry
