import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog import events

from engine.sitting.intake.file_events import FileHints, matters, still_closed


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


@pytest.fixture
def observed(tmp_path: Path) -> Iterator[tuple[FileHints, Path, threading.Event]]:
    folder = tmp_path / "Category1"
    folder.mkdir()
    called = threading.Event()
    hints = FileHints([folder], called.set)
    yield hints, folder, called
    hints.stop()


Observed = tuple[FileHints, Path, threading.Event]


def refuse_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


def is_heard(observed: Observed) -> bool:
    _, folder, called = observed
    called.clear()
    (folder / "mymodel.h5").write_bytes(b"x")
    return called.wait(10)


def look_again(hints: FileHints) -> None:
    for _ in range(8):  # the tries become fewer
        hints.refresh()


def test_an_observer_that_was_refused_is_started_later(
    observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as refused:
        refuse_threads(refused)
        observed[0].refresh()
    look_again(observed[0])
    assert is_heard(observed)


def test_an_observer_that_died_is_started_again(observed: Observed) -> None:
    hints = observed[0]
    hints.refresh()
    dead = hints._observer
    assert dead is not None
    dead.stop()
    dead.join(10)
    look_again(hints)
    assert is_heard(observed)


def test_a_folder_whose_observation_was_refused_is_observed_later(
    observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints, folder, called = observed
    hints.refresh()
    shutil.rmtree(folder)
    assert called.wait(10)
    folder.mkdir()
    with monkeypatch.context() as refused:
        refuse_threads(refused)
        hints.refresh()
    look_again(hints)
    assert is_heard(observed)


def test_what_is_refused_on_and_on_is_not_tried_at_each_look(
    observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def none_left() -> None:
        tries.append(1)
        raise OSError(24, "inotify instance limit reached")

    import watchdog.observers

    monkeypatch.setattr(watchdog.observers, "Observer", none_left)
    for _ in range(1_000):
        observed[0].refresh()
    assert len(tries) < 50
