from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.settings import Settings
from engine.sitting.state import events
from engine.sitting.state.events import Event
from engine.sitting.state.sitting import Mode, Phase
from engine.sitting.store.history import faithful_tasks, open_sitting, sittings
from engine.sitting.store.journal import Journal
from tests.engine.sittings import FIRST, SECOND, graded, make_settings, make_sitting


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


async def sitting(tmp_path: Path, clock: ManualClock, settings: Settings, name: str) -> Path:
    clock.advance(60)
    return await make_sitting(tmp_path / name, clock, settings=settings)


def happen(folder: Path, clock: ManualClock, *happened: Event) -> None:
    with Journal.open(folder, clock) as journal:
        for event in happened:
            journal.append(event)


def submitted(clock: ManualClock, number: int = 1) -> Event:
    return events.Submitted(at=clock.now(), number=number, task=FIRST, sha256="0" * 64, size=1)


def test_without_any_sitting_the_list_is_empty(settings: Settings, clock: ManualClock) -> None:
    assert sittings(settings, clock) == []
    assert open_sitting(settings, clock) is None


async def test_a_sitting_is_summed_up(
    tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    folder = await sitting(tmp_path, clock, settings, "one")
    happen(
        folder,
        clock,
        events.Started(at=clock.now()),
        submitted(clock),
        events.GradingEnded(at=clock.now(), number=1, grade=graded(5)),
    )
    clock.advance(60)
    (summary,) = sittings(settings, clock)
    assert summary.id == folder.name
    assert summary.folder == str(folder)
    assert (summary.phase, summary.time_left) == (Phase.RUNNING, 59 * 60)
    assert summary.scores == {FIRST: 5, SECOND: 0}
    assert (round(summary.percent, 2), summary.passed) == (33.33, False)
    assert summary.fault == ""


async def test_the_newest_comes_first_and_damage_hides_nothing(
    tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    folders = [await sitting(tmp_path, clock, settings, name) for name in ("a", "b", "c", "d")]
    (folders[1] / "journal.jsonl").write_text("damage\n")
    (folders[2] / "sitting.toml").write_text("damage")
    (folders[3] / "sitting.toml").unlink()
    (settings.sittings_folder / "a file").touch()
    found = {each.id: each for each in sittings(settings, clock)}
    assert set(found) == {folder.name for folder in folders[:3]}
    assert found[folders[0].name].fault == ""
    assert "line 1" in found[folders[1].name].fault
    assert "sitting.toml" in found[folders[2].name].fault
    assert found[folders[1].name].phase == found[folders[2].name].phase == "damaged"
    for folder in folders[1:3]:
        (folder / "sitting.toml").unlink()
    clock.advance(60)
    newer = await sitting(tmp_path, clock, settings, "newer")
    assert [each.id for each in sittings(settings, clock)] == [newer.name, folders[0].name]


async def test_a_journal_that_tells_what_cannot_be_is_damage_too(
    tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    folder = await sitting(tmp_path, clock, settings, "one")
    happen(folder, clock, events.Started(at=clock.now()), events.Resumed(at=clock.now()))
    (summary,) = sittings(settings, clock)
    assert "line 2 records something that cannot have happened" in summary.fault


async def test_a_sitting_is_open_while_it_can_go_on(
    tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    folder = await sitting(tmp_path, clock, settings, "one")

    def is_open() -> bool:
        return open_sitting(settings, clock) is not None

    assert not is_open()
    happen(folder, clock, events.Started(at=clock.now()))
    assert is_open()
    happen(folder, clock, events.Paused(at=clock.now()), submitted(clock))
    assert is_open()
    happen(folder, clock, events.Ended(at=clock.now(), reason="candidate"))
    assert is_open()  # a submission still waits
    happen(folder, clock, events.GradingEnded(at=clock.now(), number=1, grade=graded(1)))
    assert not is_open()


async def test_the_newest_open_sitting_is_resumed(
    tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    older = await sitting(tmp_path, clock, settings, "older")
    newer = await sitting(tmp_path, clock, settings, "newer")
    await sitting(tmp_path, clock, settings, "newest, not started")
    for folder in (newer, older):
        happen(folder, clock, events.Started(at=clock.now()))
    found = open_sitting(settings, clock)
    assert found is not None
    assert found.id == newer.name


async def test_listing_disturbs_nobody_who_has_a_sitting_open(
    tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    folder = await sitting(tmp_path, clock, settings, "one")
    with Journal.open(folder, clock) as journal:
        journal.append(events.Started(at=clock.now()))
        assert [each.phase for each in sittings(settings, clock)] == [Phase.RUNNING]


async def test_the_end_is_when_the_clock_stopped_and_not_when_it_was_seen(
    tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    folder = await sitting(tmp_path, clock, settings, "one")
    started = clock.now()
    happen(folder, clock, events.Started(at=started))
    (running,) = sittings(settings, clock)
    assert running.ended is None
    clock.advance(7 * 24 * 3600)
    happen(folder, clock, events.Ended(at=clock.now(), reason="time"))
    (summary,) = sittings(settings, clock)
    assert summary.ended == started.later(3600)


@pytest.mark.parametrize("mode", ["faithful", "coach"])
async def test_tasks_of_a_faithful_sitting_are_known_until_its_end(
    mode: Mode, tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    folder = await make_sitting(tmp_path, clock, settings=settings, kind="exam", mode=mode)
    assert faithful_tasks(settings.sittings_folder) == {}
    happen(folder, clock, events.Started(at=clock.now()))
    held = {FIRST: folder.name, SECOND: folder.name} if mode == "faithful" else {}
    clock.advance(3600)
    assert faithful_tasks(settings.sittings_folder) == held
    happen(folder, clock, events.Ended(at=clock.now(), reason="time"))
    assert faithful_tasks(settings.sittings_folder) == {}


async def test_a_damaged_sitting_is_dated_by_its_id_and_kept_in_its_place(
    tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    older = await sitting(tmp_path, clock, settings, "older")
    newer = await sitting(tmp_path, clock, settings, "newer")
    (older / "sitting.toml").write_text("damage")  # so its folder has just changed
    found = sittings(settings, clock)
    assert [each.id for each in found] == [newer.name, older.name]
    assert f"{found[1].created.local():%Y-%m-%d-%H%M}" == older.name[:15]
    assert (found[0].has_record, found[1].has_record) == (True, False)


async def test_of_a_damaged_journal_the_record_is_known(
    tmp_path: Path, settings: Settings, clock: ManualClock
) -> None:
    folder = await sitting(tmp_path, clock, settings, "one")
    (folder / "journal.jsonl").write_text("damage\n")
    (summary,) = sittings(settings, clock)
    assert summary.fault
    assert (summary.kind, summary.mode, summary.minutes) == ("practice", "coach", 60)
    assert summary.created == clock.now()


@pytest.mark.parametrize("name", ["by hand", "9999-12-31-2359-abcd", "2027-13-01-0000-abcd"])
def test_a_damaged_one_with_another_name_is_dated_by_its_folder(
    settings: Settings, clock: ManualClock, name: str
) -> None:
    folder = settings.sittings_folder / name
    folder.mkdir(parents=True)
    (folder / "sitting.toml").write_text("damage")
    (summary,) = sittings(settings, clock)
    assert summary.created.wall == pytest.approx(folder.stat().st_mtime)
