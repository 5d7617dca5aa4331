"""Which task comes next and why, the plan until an exam, and its calendar file."""

from datetime import UTC, date, datetime, timedelta
from statistics import mean

import msgspec
import pytest
from icalendar import Calendar

from engine.coaching.advice import Advice, advice, category_percent, skill_weights
from engine.coaching.calendar_file import to_ics
from engine.coaching.past_tasks import PastTask
from engine.coaching.plan import EXAM_MINUTES, Plan, plan
from engine.errors import SittingError
from exam_bank.learning.checklist import checklist
from exam_bank.task import CATEGORIES
from tests.bench.next_task import compare
from tests.engine.test_strength import NOW, TASKS, done


def whys(found: Advice) -> list[tuple[str, str]]:
    return [(each.why, each.skill) for each in found.reasons]


def test_every_task_is_advised_once_the_best_gain_in_a_minute_first() -> None:
    found = advice(TASKS, [], NOW)
    assert sorted(each.task for each in found) == sorted(
        each.id for each in TASKS if not each.says.draft
    )
    assert found[0].reasons[0].why == "new"
    assert all(each.gain > 0 and each.reasons for each in found)


def test_shares_and_skill_weights_are_those_of_the_exam() -> None:
    assert sum(category_percent(TASKS, each) for each in CATEGORIES) == pytest.approx(100)
    weights = skill_weights(TASKS)
    assert sum(weights.values()) == pytest.approx(100)
    assert weights.keys() == {each.id for each in checklist().skills if not each.untested}


def test_only_tasks_whose_data_are_here_and_no_drafts() -> None:
    assert {each.task for each in advice(TASKS, [], NOW, ["flats", "iris"])} == {"flats", "iris"}
    draft = msgspec.structs.replace(TASKS[0].says, draft=True)
    task = msgspec.structs.replace(TASKS[0], says=draft)
    assert advice([task], [], NOW) == ()
    assert advice([], [], NOW) == ()


def test_what_was_done_well_comes_later() -> None:
    first = advice(TASKS, [], NOW)[0].task
    again = advice(TASKS, [done(first, 0)], NOW)
    assert again[0].task != first
    assert [each.task for each in again].index(first) > len(TASKS) // 2


def test_a_weak_category_comes_before_the_strong_ones() -> None:
    strong = [done(each.id, 1) for each in TASKS if each.category != 4]
    found = advice(TASKS, strong, NOW)
    assert found[0].category == 4
    assert any(why == "heavy" for why, _ in whys(found[0]))


def test_the_reason_names_a_weak_skill_with_its_best_score() -> None:
    past = [done("imdb", 3, 2), *(done(each.id, 0.5) for each in TASKS if each.category != 4)]
    (found,) = (each for each in advice(TASKS, past, NOW) if each.task == "imdb")
    reason = found.reasons[0]
    assert (reason.why, reason.best, reason.days) == ("weak", 2, 3)


def test_a_skill_that_fades_is_due_again() -> None:
    past = [done(each.id, 400) for each in TASKS]
    (found,) = (each for each in advice(TASKS, past, NOW) if each.task == "flats")
    assert found.reasons[0].why == "due"


def test_who_follows_the_advice_is_ready_sooner_than_at_random() -> None:
    ways = compare(12, TASKS)
    hours = {name: mean(hours for _, hours in found) for name, found in ways.items()}
    assert hours["next"] < 0.9 * hours["random"]
    assert all(sittings <= 30 for sittings, _ in ways["next"])


# -- the plan -----------------------------------------------------------------------------

TODAY = NOW.date()


def planned(*past: PastTask, days: int = 12, hours: float = 2, **other: object) -> Plan:
    exam = TODAY + timedelta(days=days)
    return plan(TASKS, past, now=NOW, exam=exam, hours=hours, **other)  # type: ignore[arg-type]


def test_every_day_until_the_exam_has_its_hours() -> None:
    found = planned()
    assert [each.day for each in found.days] == [TODAY + timedelta(days=n) for n in range(12)]
    assert all(60 <= each.minutes <= 120 for each in found.days if not each.mock)
    assert len({each.task for day in found.days for each in day.tasks}) >= 15


def test_mock_exams_come_a_week_and_two_days_before() -> None:
    mocks = [each for each in planned().days if each.mock]
    assert [(planned().exam - each.day).days for each in mocks] == [7, 2]
    assert all(each.minutes == EXAM_MINUTES and not each.tasks for each in mocks)
    assert not any(each.mock for each in planned(days=1).days)


def test_no_task_comes_twice_on_a_day() -> None:
    for day in planned(hours=12).days:
        tasks = [each.task for each in day.tasks]
        assert len(set(tasks)) == len(tasks)


def test_a_task_longer_than_a_day_is_taken_from_the_days_after() -> None:
    found = planned(hours=0.5, days=20, available=["town-load"])
    minutes = [each.minutes for each in found.days]
    assert minutes[:4] == [80, 0, 0, 80]
    assert sum(minutes[:13]) <= 13 * 30 + 80


def test_what_was_done_today_is_taken_off_and_changes_what_follows() -> None:
    before = planned()
    first = before.days[0].tasks[0].task
    after = planned(done(first, 0, seconds=3600.0))
    assert after.done_today == 60
    assert after.days[0].minutes <= 60
    assert first not in {each.task for each in after.days[0].tasks}
    assert planned(done(first, 1, seconds=3600.0)).done_today == 0


def test_later_days_do_not_say_how_long_ago_something_will_be() -> None:
    found = planned(*(done(each.id, 3, 2) for each in TASKS))
    assert found.days[0].tasks[0].reasons[0].days == 3
    later = [reason for day in found.days[1:] for each in day.tasks for reason in each.reasons]
    assert later
    assert all(each.days is None for each in later)


@pytest.mark.parametrize("exam", [TODAY, TODAY - timedelta(days=1), date(2029, 1, 1)])
def test_an_exam_that_is_not_within_a_year_is_refused(exam: date) -> None:
    with pytest.raises(SittingError, match=str(exam)):
        plan(TASKS, [], now=NOW, exam=exam, hours=2)


def test_without_any_task_the_days_are_empty() -> None:
    assert all(not each.tasks for each in planned(available=[]).days)


def test_the_calendar_file_has_one_entry_for_each_day_and_keeps_its_identity() -> None:
    found = planned(days=9)

    def content(at: datetime) -> bytes:
        return to_ics(found, at, lambda each: (f"Day; {each.minutes:g}", "a, b\nc" * 40), "Exam")

    calendar = Calendar.from_ical(content(NOW))
    entries = list(calendar.walk("VEVENT"))
    assert len(entries) == 10
    assert [each.decoded("dtstart") for each in entries] == [
        TODAY + timedelta(days=n) for n in range(10)
    ]
    assert str(entries[0]["summary"]) == f"Day; {found.days[0].minutes:g}"
    assert str(entries[0]["description"]) == "a, b\nc" * 40
    assert str(entries[-1]["summary"]) == "Exam"
    later = Calendar.from_ical(content(datetime(2027, 3, 2, tzinfo=UTC))).walk("VEVENT")
    assert [str(each["uid"]) for each in later] == [str(each["uid"]) for each in entries]
    assert all(len(line) <= 75 for line in content(NOW).split(b"\r\n"))
