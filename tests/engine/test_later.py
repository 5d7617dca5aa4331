"""Tasks to come back to, and the minutes that each should take."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.errors import WorkspaceError
from engine.sitting.later import NAME, read_later, write_later
from engine.sitting.state import events
from engine.sitting.state.sitting import replay
from engine.sitting.store.journal import read_journal
from engine.sitting.views.target_minutes import target_minutes
from engine.sitting.views.total_trend import Rise, total_over_time, total_rises
from tests.engine.sittings import graded
from tests.tui.fakes import make_record, make_tasks


def test_what_was_marked_is_read_again(tmp_path: Path) -> None:
    assert read_later(tmp_path) == frozenset()
    write_later(tmp_path, {"hands", "flats"})
    assert read_later(tmp_path) == {"hands", "flats"}
    assert read_journal(tmp_path / "journal.jsonl").events == ()


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b"[1]", b"\xff"])
def test_a_damaged_note_marks_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert read_later(tmp_path) == frozenset()


def test_where_it_cannot_be_kept_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError):
        write_later(tmp_path / "gone", {"flats"})


def test_minutes_are_the_tasks_own_and_fit_the_sitting(tmp_path: Path) -> None:
    tasks, record = make_tasks(tmp_path), make_record(ManualClock())
    assert set(target_minutes(record, tasks).values()) == {30}
    assert set(target_minutes(replace(record, extra_time=1.5), tasks).values()) == {45}
    assert set(target_minutes(replace(record, minutes=50), tasks).values()) == {10}
    del tasks["hands"]
    assert "hands" not in target_minutes(record, tasks)


def test_the_total_over_time_rises_where_points_were_won(tmp_path: Path) -> None:
    clock = ManualClock()
    record = make_record(clock, minutes=100)
    happened: list[events.Event] = [events.Started(at=clock.now())]
    for number, (task, score) in enumerate((("flats", 5), ("flats", 3), ("hands", 5)), 1):
        clock.advance(600)
        at = clock.now()
        sha256 = f"{number:064x}"
        happened += [
            events.Submitted(at=at, number=number, task=task, sha256=sha256, size=1),
            events.GradingStarted(at=at, number=number),
            events.GradingEnded(at=at, number=number, grade=graded(score)),
        ]
    sitting = replay(record, happened)
    assert total_rises(sitting) == (Rise(0.0, 0.0), Rise(600.0, 10.0), Rise(1800.0, 30.0))
    found = total_over_time(sitting, sitting.elapsed, 11)
    assert found == (0.0, 10.0, 10.0, 30.0, *[None] * 7)
    # Won a moment ago, between two places: it shows at once.
    assert total_over_time(sitting, 1800.0, 3) == (30.0, None, None)
