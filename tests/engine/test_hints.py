import shutil
import threading
from pathlib import Path

import pytest
from watchdog import events

from engine.sitting.hints import FileHints, matters, still_closed


@pytest.mark.parametrize(
    "event",
    [
        events.FileClosedEvent("/w/Category1/mymodel.h5"),
        events.FileModifiedEvent("/w/Category1/mymodel.h5"),
        events.FileMovedEvent("/w/Category1/.part", "/w/Category1/mymodel.h5"),
        events.FileDeletedEvent("/w/Category1/mymodel.h5"),
        events.DirCreatedEvent("/w/Category1/mymodel"),
        events.FileCreatedEvent("/w/Category1/best.keras"),
        events.FileModifiedEvent("/w/Category1/starter.py"),
    ],
)
def test_what_may_be_a_new_model_matters(event: events.FileSystemEvent) -> None:
    assert matters(event)


@pytest.mark.parametrize(
    "event",
    [
        # A look reads the file: if that called for a look, looking would never end.
        events.FileOpenedEvent("/w/Category1/mymodel.h5"),
        events.FileClosedNoWriteEvent("/w/Category1/mymodel.h5"),
        events.FileModifiedEvent("/w/Category1/training.csv"),
        events.FileModifiedEvent("/w/Category1/data/train.npz"),
    ],
)
def test_reading_and_training_logs_do_not(event: events.FileSystemEvent) -> None:
    assert not matters(event)


MODEL = Path("/w/Category1/mymodel.h5")
WRITTEN = events.FileModifiedEvent(str(MODEL))
CLOSED = events.FileClosedEvent(str(MODEL))


@pytest.mark.parametrize(
    ("seen", "closed"),
    [
        ([events.FileCreatedEvent(str(MODEL)), WRITTEN], False),
        ([WRITTEN, CLOSED], True),
        ([WRITTEN, CLOSED, WRITTEN], False),
        ([WRITTEN, CLOSED, WRITTEN, CLOSED], True),
        ([CLOSED, events.FileDeletedEvent(str(MODEL))], False),
        ([events.FileMovedEvent("/w/Category1/.part", str(MODEL))], True),
        ([CLOSED, events.FileMovedEvent(str(MODEL), "/w/Category1/old.h5")], False),
        ([CLOSED, events.FileCreatedEvent("/w/Category1/other.h5")], True),
    ],
)
def test_a_file_is_closed_until_it_changes(
    seen: list[events.FileSystemEvent], closed: bool
) -> None:
    found: frozenset[Path] = frozenset()
    for event in seen:
        found = still_closed(found, event)
    assert (MODEL in found) == closed


def test_a_folder_made_anew_between_two_looks_is_observed_again(tmp_path: Path) -> None:
    folder = tmp_path / "Category1"
    folder.mkdir()
    called = threading.Event()
    hints = FileHints([folder], called.set)
    hints.refresh()
    try:
        shutil.rmtree(folder)
        assert called.wait(10)
        folder.mkdir()
        hints.refresh()
        called.clear()
        (folder / "mymodel.h5").touch()
        assert called.wait(10)
    finally:
        hints.stop()
    hints.refresh()
