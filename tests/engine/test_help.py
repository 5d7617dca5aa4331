"""Hints and giving up: what a sitting allows, and what its journal and result say of it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.errors import TransitionError
from engine.sitting.help import hints_seen
from engine.sitting.state import events, report
from engine.sitting.state.sitting import Kind, Mode, Phase, Sitting
from engine.sitting.store.history import past, sittings
from engine.sitting.store.journal import NAME
from engine.sitting.store.record import RECORD, read_record, task_folder
from tests.engine.scene import Scene
from tests.engine.sittings import (
    FIRST,
    SECOND,
    graded,
    make_record,
    make_settings,
    make_sitting,
    until,
)

CLOCK = ManualClock()
HINTS = "# Hints\n\n## 1. Stuck?\n\nTry a line.\n\n## 2. Still stuck?\n\nTry a curve.\n"


def running(kind: Kind = "practice", mode: Mode = "coach") -> Sitting:
    sitting = Sitting(record=replace(make_record(kind), mode=mode))
    return sitting.apply(events.Started(at=CLOCK.now()))


def hint(number: int, task: str = FIRST) -> events.HintSeen:
    return events.HintSeen(at=CLOCK.now(), task=task, number=number)


GIVEN_UP = events.TaskGivenUp(at=CLOCK.now(), task=FIRST)


@pytest.mark.parametrize("kind", ["exam", "practice"])
def test_hints_come_one_after_the_other_and_are_counted(kind: Kind) -> None:
    sitting = running(kind).apply(hint(1)).apply(hint(1, SECOND)).apply(hint(2))
    assert sitting.hints == {FIRST: 2, SECOND: 1}
    for wrong in (2, 4):
        with pytest.raises(TransitionError, match="out of order"):
            sitting.apply(hint(wrong))


@pytest.mark.parametrize("kind", ["exam", "practice"])
def test_faithful_mode_allows_neither_hints_nor_giving_up(kind: Kind) -> None:
    for event in (hint(1), GIVEN_UP):
        with pytest.raises(TransitionError):
            running(kind, "faithful").apply(event)


def test_an_exam_cannot_be_given_up_task_by_task() -> None:
    with pytest.raises(TransitionError, match="Only practice"):
        running("exam").apply(GIVEN_UP)


def test_nothing_of_it_before_the_start_or_after_the_end() -> None:
    ended = running().apply(events.Ended(at=CLOCK.now(), reason="candidate"))
    for sitting in (Sitting(record=make_record()), ended):
        for event in (hint(1), GIVEN_UP):
            with pytest.raises(TransitionError):
                sitting.apply(event)


def test_only_tasks_of_the_paper_have_hints() -> None:
    with pytest.raises(TransitionError, match="not in this paper"):
        running().apply(hint(1, "elsewhere"))


def with_score(sitting: Sitting, score: int, task: str = FIRST) -> Sitting:
    number, now = len(sitting.submissions) + 1, CLOCK.now()
    taken = events.Submitted(at=now, number=number, task=task, sha256=f"{number:064x}", size=1)
    ended = events.GradingEnded(at=now, number=number, grade=graded(score))
    return sitting.apply(taken).apply(ended)


def test_giving_up_keeps_how_many_models_came_before() -> None:
    sitting = with_score(with_score(running(), 1).apply(GIVEN_UP), 5).apply(GIVEN_UP)
    assert sitting.given_up == {FIRST: 1}


@pytest.mark.parametrize(
    ("kind", "mode", "score", "gives_up", "may"),
    [
        ("practice", "coach", 4, False, False),
        ("practice", "coach", 5, False, True),
        ("practice", "coach", 4, True, True),
        ("practice", "faithful", 5, False, False),
        ("exam", "coach", 5, False, False),
        ("exam", "faithful", 5, False, False),
    ],
)
def test_solutions_are_open_when_a_practice_task_is_over(
    kind: Kind, mode: Mode, score: int, gives_up: bool, may: bool
) -> None:
    sitting = with_score(running(kind, mode), score)
    sitting = sitting.apply(GIVEN_UP) if gives_up else sitting
    assert sitting.is_reviewable(FIRST) is may
    assert sitting.is_explained(FIRST) is (mode == "coach")
    assert not sitting.is_explained(SECOND)
    assert not sitting.is_reviewable(SECOND)
    ended = sitting.apply(events.Ended(at=CLOCK.now(), reason="candidate"))
    assert ended.is_reviewable(FIRST)
    assert ended.is_reviewable(SECOND)


def test_the_result_tells_of_help_and_of_nothing_else() -> None:
    sitting = with_score(running(), 3).apply(hint(1)).apply(hint(2)).apply(GIVEN_UP)
    toml = report.to_toml(report.result(sitting))
    assert toml.count("hints = 2") == toml.count("given_up = true") == 1
    assert toml.count("hints") == toml.count("given_up") == 1
    assert '"hints":2,"given_up":true' in report.to_json(report.result(sitting))
    plain = report.to_json(report.result(running()))
    assert "hints" not in plain
    assert "given_up" not in plain


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock, settings = ManualClock(), make_settings(tmp_path)
    folder = await make_sitting(tmp_path, clock, settings=settings)
    (task_folder(folder, FIRST) / "hints.md").write_text(HINTS)
    scene = Scene(folder, settings, clock)
    await scene.started()
    yield scene
    await scene.close()


async def test_the_proctor_shows_hints_until_there_are_no_more(scene: Scene) -> None:
    task = scene.proctor.tasks[FIRST]
    assert hints_seen(scene.sitting, task, "en") == ((), 2)
    scene.proctor.see_hint(FIRST)
    await until(lambda: scene.sitting.hints == {FIRST: 1})
    assert [each.title for each in hints_seen(scene.sitting, task, "en")[0]] == ["Stuck?"]
    scene.proctor.see_hint(FIRST)
    await until(lambda: scene.sitting.hints == {FIRST: 2})
    assert len(hints_seen(scene.sitting, task, "en")[0]) == 2
    assert not scene.troubles
    scene.proctor.see_hint(FIRST)
    await until(lambda: scene.troubles)
    assert "no more hints" in str(scene.troubles[0])
    assert scene.sitting.hints == {FIRST: 2}
    scene.proctor.see_hint("elsewhere")
    await until(lambda: len(scene.troubles) == 2)
    assert scene.happened()[-2:] == ["HintSeen", "HintSeen"]


async def test_they_are_in_the_journal_and_in_history(scene: Scene) -> None:
    scene.proctor.see_hint(FIRST)
    scene.proctor.give_up(SECOND)
    await until(lambda: scene.sitting.given_up)
    tags = [line.partition(",")[0] for line in (scene.folder / NAME).read_text().splitlines()]
    assert tags[-2:] == ['{"event":"hint_seen"', '{"event":"given_up"']
    assert past(scene.folder).hints == {FIRST: 1}
    assert [each.hints for each in sittings(scene.settings, scene.clock)] == [1]


async def test_no_help_with_a_task_of_a_faithful_exam_that_goes_on(scene: Scene) -> None:
    other = scene.folder.parent / "2027-01-16-0800-zzzz"
    other.mkdir()
    record = read_record(scene.folder)
    paper = replace(record.paper, tasks=record.paper.tasks[:1])
    faithful = replace(record, id=other.name, kind="exam", mode="faithful", paper=paper)
    (other / RECORD).write_bytes(msgspec.toml.encode(faithful))
    started = (scene.folder / NAME).read_bytes().splitlines(keepends=True)[0]
    (other / NAME).write_bytes(started)
    for ask in (scene.proctor.see_hint, scene.proctor.give_up):
        ask(FIRST)
    await until(lambda: len(scene.troubles) == 2)
    assert all("faithful exam that goes on" in str(each) for each in scene.troubles)
    scene.proctor.give_up(SECOND)
    await until(lambda: scene.sitting.given_up)
    assert scene.sitting.hints == {}
    shutil.rmtree(other)
    scene.proctor.see_hint(FIRST)
    await until(lambda: scene.sitting.hints == {FIRST: 1})


async def test_hints_that_cannot_be_read_are_trouble(scene: Scene) -> None:
    path = task_folder(scene.folder, FIRST) / "hints.md"
    path.unlink()
    path.mkdir()
    scene.proctor.see_hint(FIRST)
    await until(lambda: scene.troubles)
    assert "hints of first-task cannot be read" in str(scene.troubles[0])
    assert hints_seen(scene.sitting, scene.proctor.tasks[FIRST], "en") == ((), 0)
    assert scene.sitting.phase is Phase.RUNNING
