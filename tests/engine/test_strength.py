"""Past tasks as journals tell them, and the strength of skills that follows."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fsrs import Rating

from engine.clock import ManualClock
from engine.coaching.past_tasks import PastTask, of_sitting, past_tasks
from engine.coaching.strength import rating_of, strengths, task_strength, weakest_first
from engine.sitting.state import events
from engine.sitting.state.events import Event
from engine.sitting.state.sitting import Mode, Sitting, replay
from engine.sitting.store.history import faithful_tasks
from engine.sitting.store.journal import NAME
from engine.sitting.store.record import RECORD
from exam_bank.catalog import Catalog
from tests.engine.sittings import FIRST, SECOND, graded, make_record

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
TASKS = Catalog.find().tasks


def done(task: str, days: float, score: int = 5, sitting: str = "", **other: Any) -> PastTask:
    when = NOW - timedelta(days=days)
    fields = {"task": task, "sitting": sitting or f"{task} {days}", "when": when, "score": score}
    return msgspec.convert({**fields, **other}, PastTask)


def strength(skill: str, *past: PastTask) -> float:
    return strengths(TASKS, past, NOW)[skill].strength


def test_a_skill_nobody_practised_has_none() -> None:
    found = strengths(TASKS, [], NOW)["embeddings"]
    assert found.strength == 0
    assert (found.best, found.last, found.due) == (None, None, None)
    assert found.days_since(NOW) is None
    assert not found.is_due(NOW)


def test_a_better_score_is_stronger_and_it_fades() -> None:
    assert strength("embeddings", done("reviews", 0)) == pytest.approx(1.0)
    assert 0 < strength("embeddings", done("reviews", 0, 2)) < 0.5
    fresh, older = (strength("embeddings", done("reviews", days)) for days in (3, 30))
    assert 0 < older < fresh < 1


def test_help_and_giving_up_let_it_fade_sooner() -> None:
    alone, helped, given_up = (
        strength("embeddings", done("reviews", 10, 5, **more))
        for more in ({}, {"hints": 2}, {"given_up": True})
    )
    assert given_up < helped < alone


def test_practising_again_makes_it_last() -> None:
    once = strength("embeddings", done("reviews", 20))
    twice = strength("embeddings", done("help-desk", 40), done("reviews", 20))
    assert once < twice


def test_it_is_due_when_fsrs_says_so() -> None:
    found = strengths(TASKS, [done("reviews", 3, 2)], NOW)["embeddings"]
    assert found.is_due(NOW)
    assert (found.best, found.days_since(NOW), found.times) == (2, 3, 1)
    assert not strengths(TASKS, [done("reviews", 3)], NOW)["embeddings"].is_due(NOW)


def test_tasks_of_one_sitting_are_one_review_and_the_best_of_them_counts() -> None:
    both = done("reviews", 5, 1, "s"), done("help-desk", 5, 5, "s")
    assert strength("embeddings", *both) == strength("embeddings", both[1])


def test_the_order_of_past_tasks_and_unknown_tasks_do_not_matter() -> None:
    past = [done("reviews", 9, 2), done("imdb", 4, 4), done("gone", 1)]
    assert strengths(TASKS, past, NOW) == strengths(TASKS, past[::-1], NOW)


def test_a_clock_that_was_set_back_is_no_fault() -> None:
    assert strength("embeddings", done("reviews", -3)) == pytest.approx(1.0)


def test_the_weakest_come_first_and_untested_ones_last() -> None:
    found = weakest_first(strengths(TASKS, [done("reviews", 1), done("flats", 1, 2)], NOW))
    values = [each.strength for each in found if each.tasks]
    assert values == sorted(values)
    assert values[-1] > 0.9
    assert all(each.skill.untested for each in found[len(values) :])
    assert len(found) == 52


@pytest.mark.parametrize(
    ("score", "other", "rating"),
    [
        (5, {}, Rating.Easy),
        (5, {"hints": 1}, Rating.Good),
        (4, {}, Rating.Good),
        (4, {"hints": 1}, Rating.Hard),
        (3, {}, Rating.Hard),
        (2, {}, Rating.Again),
        (5, {"given_up": True}, Rating.Again),
    ],
)
def test_what_fsrs_is_told(score: int, other: dict[str, Any], rating: Rating) -> None:
    assert rating_of(done("reviews", 1, score, **other)) is rating


def test_a_task_is_known_like_a_skill() -> None:
    past = [done("reviews", 2), done("imdb", 2, 1)]
    assert task_strength("flats", past, NOW) == 0
    assert task_strength("imdb", past, NOW) < 0.2 < task_strength("reviews", past, NOW)


# -- what journals tell -------------------------------------------------------------------

CLOCK = ManualClock()


def journal(
    *scored: tuple[str, int], ended: bool = False, more: Iterable[Event] = ()
) -> list[Event]:
    happened: list[Event] = [events.Started(at=CLOCK.now())]
    for number, (task, score) in enumerate(scored, 1):
        CLOCK.advance(60)
        now = CLOCK.now()
        sha256 = f"{number:064x}"
        happened += [
            events.Submitted(at=now, number=number, task=task, sha256=sha256, size=1),
            events.GradingEnded(at=now, number=number, grade=graded(score)),
        ]
    happened += more
    return [*happened, events.Ended(at=CLOCK.now(), reason="time")] if ended else happened


def sitting(happened: list[Event], mode: Mode = "coach") -> Sitting:
    return replay(msgspec.structs.replace(make_record(), mode=mode), happened)


def scores(happened: list[Event], mode: Mode = "coach") -> dict[str, int]:
    return {each.task: each.score for each in of_sitting(sitting(happened, mode))}


def test_tasks_without_a_graded_model_do_not_count() -> None:
    assert scores(journal()) == {}
    assert scores(journal((FIRST, 3), (FIRST, 4))) == {FIRST: 4}


def test_a_faithful_sitting_counts_only_after_its_end() -> None:
    assert scores(journal((FIRST, 3)), "faithful") == {}
    assert scores(journal((FIRST, 3), ended=True), "faithful") == {FIRST: 3}


def test_what_came_after_giving_up_does_not_count() -> None:
    given_up = events.TaskGivenUp(at=CLOCK.now(), task=FIRST)
    happened = journal((FIRST, 2), more=[given_up])
    now, number = CLOCK.now(), 2
    happened += [
        events.Submitted(at=now, number=number, task=FIRST, sha256="e" * 64, size=1),
        events.GradingEnded(at=now, number=number, grade=graded(5)),
    ]
    (found,) = of_sitting(sitting(happened))
    assert (found.score, found.given_up) == (2, True)


def test_giving_up_without_a_model_counts_as_nothing_reached() -> None:
    given_up = events.TaskGivenUp(at=CLOCK.now(), task=SECOND)
    hint = events.HintSeen(at=CLOCK.now(), task=SECOND, number=1)
    (found,) = of_sitting(sitting(journal(more=[hint, given_up])))
    assert (found.task, found.score, found.hints, found.given_up) == (SECOND, 0, 1, True)


def keep(folder: Path, happened: list[Event], mode: Mode) -> None:
    folder.mkdir(parents=True)
    record = msgspec.structs.replace(make_record(), mode=mode, id=folder.name)
    (folder / RECORD).write_bytes(msgspec.toml.encode(record))
    (folder / NAME).write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in happened))


def test_they_are_read_from_all_sittings_oldest_first(tmp_path: Path) -> None:
    keep(tmp_path / "a", journal((SECOND, 2)), "coach")
    keep(tmp_path / "b", journal((FIRST, 1), ended=True), "faithful")
    keep(tmp_path / "c", journal((FIRST, 5)), "faithful")
    keep(tmp_path / "d", journal((FIRST, 5)), "coach")
    (tmp_path / "d" / NAME).write_bytes(b"damaged\n")
    (tmp_path / "e").mkdir()
    found = past_tasks(tmp_path)
    assert [(each.task, each.score, each.sitting) for each in found] == [
        (SECOND, 2, "a"),
        (FIRST, 1, "b"),
    ]
    assert faithful_tasks(tmp_path).keys() == {FIRST, SECOND}
    assert past_tasks(tmp_path / "none") == ()
    assert faithful_tasks(tmp_path / "none") == {}
