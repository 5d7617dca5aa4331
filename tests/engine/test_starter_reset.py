"""A task started again: the starter as shipped, and never a line of the candidate's lost."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.errors import WorkspaceError
from engine.sitting import starter_reset
from engine.sitting.starter_reset import StarterReset, kept_by_reset, reset_starter
from engine.sitting.store.record import category_folder
from exam_bank.platform import disk
from tests.tui.fakes import BRIEF, make_record, make_tasks
from tests.tui.scene import home_of_ada, lay_out

SHIPPED = b"# TODO\n"
MINE = b"model = mine()\n"


class Stop(BaseException):
    """The machine is off."""


@pytest.fixture
def reset(tmp_path: Path) -> tuple[Path, Callable[[], StarterReset]]:
    """The category folder of a task, and what starts that task again."""
    tasks, record = make_tasks(tmp_path / "bank"), make_record(ManualClock())
    with home_of_ada(tmp_path):
        lay_out(tmp_path / "sitting", record, tasks)
    place = tmp_path / Path(record.workspace).relative_to("/home/ada") / "Category1"

    def again() -> StarterReset:
        with home_of_ada(tmp_path):
            return reset_starter(record, tasks["flats"], "en")

    return place, again


def starters(place: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in place.glob("*starter*")}


def test_the_old_one_is_kept_under_the_next_number(
    reset: tuple[Path, Callable[[], StarterReset]],
) -> None:
    place, again = reset
    for number in (1, 2):
        (place / "starter.py").write_bytes(MINE * number)
        assert again() == StarterReset(place / "starter.py", (place / f"starter.{number}.py",))
    assert starters(place) == {
        "starter.py": SHIPPED,
        "starter.1.py": MINE,
        "starter.2.py": MINE * 2,
    }


def test_it_comes_back_in_the_language_of_the_brief_that_lies_there(
    reset: tuple[Path, Callable[[], StarterReset]], tmp_path: Path
) -> None:
    place, again = reset
    folder = tmp_path / "bank" / "flats"
    (folder / "starter.zh.py").write_text("# 待办\n", encoding="utf-8")
    (folder / "brief.zh.md").write_text("# 公寓\n", encoding="utf-8")
    (place / "brief.md").write_text("# 公寓\n", encoding="utf-8")
    (place / "starter.py").write_bytes(MINE)
    again()
    assert (place / "starter.py").read_text(encoding="utf-8") == "# 待办\n"


def test_without_a_brief_it_comes_back_in_the_language_of_the_sitting(tmp_path: Path) -> None:
    tasks = make_tasks(tmp_path / "bank")
    record = replace(make_record(ManualClock()), language="zh")
    folder = tmp_path / "bank" / "flats"
    (folder / "starter.zh.py").write_text("# 待办\n", encoding="utf-8")
    (folder / "brief.zh.md").write_text("# 公寓\n", encoding="utf-8")
    with home_of_ada(tmp_path):
        lay_out(tmp_path / "sitting", record, tasks)
        place = category_folder(record, "flats")
        shutil.rmtree(place)
        briefs = reset_starter(record, tasks["flats"], "en").briefs
        assert (place / "starter.py").read_text(encoding="utf-8") == "# 待办\n"
        assert [each.name for each in briefs] == ["brief.md", "brief.en.md"]


def test_a_folder_that_is_gone_comes_back(
    reset: tuple[Path, Callable[[], StarterReset]],
) -> None:
    place, again = reset
    shutil.rmtree(place)
    assert again() == StarterReset(place / "starter.py", briefs=(place / "brief.md",))
    assert (place / "brief.md").read_text() == BRIEF.format(title="Power plant output")
    assert starters(place) == {"starter.py": SHIPPED}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("what", ["pipe", "loop", "folder"])
def test_what_is_no_file_is_put_aside_unread(
    reset: tuple[Path, Callable[[], StarterReset]], what: str
) -> None:
    place, again = reset
    starter = place / "starter.py"
    starter.unlink()
    {"pipe": os.mkfifo, "loop": lambda path: path.symlink_to(path), "folder": os.mkdir}[what](
        starter
    )
    assert again().kept == (place / "starter.1.py",)
    assert starter.read_bytes() == SHIPPED


def test_one_that_is_as_shipped_is_left_alone(
    reset: tuple[Path, Callable[[], StarterReset]],
) -> None:
    place, again = reset
    assert not again().changed
    assert list(starters(place)) == ["starter.py"]


def test_one_that_is_gone_comes_back(reset: tuple[Path, Callable[[], StarterReset]]) -> None:
    place, again = reset
    (place / "starter.py").unlink()
    assert again() == StarterReset(place / "starter.py")
    assert starters(place) == {"starter.py": SHIPPED}


def test_only_what_will_be_kept_has_a_name_for_it(
    reset: tuple[Path, Callable[[], StarterReset]], tmp_path: Path
) -> None:
    place, _again = reset
    record, task = make_record(ManualClock()), make_tasks(tmp_path / "bank")["flats"]

    def kept() -> Path | None:
        with home_of_ada(tmp_path):
            return kept_by_reset(record, task, "en")

    assert kept() is None  # as it was handed out
    (place / "starter.py").write_bytes(MINE)
    (place / "starter.1.py").touch()
    assert kept() == place / "starter.2.py"
    (place / "starter.py").unlink()
    assert kept() is None


def test_a_link_is_kept_as_a_link_and_its_target_untouched(
    reset: tuple[Path, Callable[[], StarterReset]],
) -> None:
    place, again = reset
    elsewhere = place.parent / "mine.py"
    elsewhere.write_bytes(MINE)
    (place / "starter.py").unlink()
    (place / "starter.py").symlink_to(elsewhere)
    (place / "starter.1.py").symlink_to(place / "nowhere")
    again()
    assert elsewhere.read_bytes() == MINE
    assert (place / "starter.2.py").readlink() == elsewhere
    assert (place / "starter.py").read_bytes() == SHIPPED


@pytest.mark.parametrize(
    ("at", "count"), [("replace", 1), ("link", 1), ("flush", 1), ("sync_folder", 1)]
)
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_step_loses_nothing_and_the_next_try_mends_it(
    reset: tuple[Path, Callable[[], StarterReset]], at: str, count: int, after: bool
) -> None:
    place, again = reset
    (place / "starter.py").write_bytes(MINE)
    room = os if at == "link" else disk
    true = getattr(room, at)

    def crash(*given: object) -> None:
        if after:
            true(*given)
        raise Stop

    with mock.patch.object(room, at, crash), pytest.raises(Stop):
        again()
    assert MINE in starters(place).values()
    again()
    found = starters(place)
    assert found["starter.py"] == SHIPPED
    assert MINE in found.values()
    assert not any(name.startswith(".") for name in found)


def test_a_file_that_is_saved_between_the_steps_is_kept_too(
    reset: tuple[Path, Callable[[], StarterReset]],
) -> None:
    place, again = reset
    (place / "starter.py").write_bytes(MINE)
    saved = threading.Event()
    true = os.link

    def save_first(source: Path, target: Path) -> None:
        if not saved.is_set():
            saved.set()
            (place / "starter.py").write_bytes(b"saved meanwhile\n")
        true(source, target)

    with mock.patch.object(os, "link", save_first):
        done = again()
    assert [each.name for each in done.kept] == ["starter.1.py", "starter.2.py"]
    assert starters(place) == {
        "starter.py": SHIPPED,
        "starter.1.py": MINE,
        "starter.2.py": b"saved meanwhile\n",
    }


def test_where_there_are_no_links_it_works_too(
    reset: tuple[Path, Callable[[], StarterReset]],
) -> None:
    place, again = reset
    (place / "starter.py").write_bytes(MINE)
    with mock.patch.object(os, "link", side_effect=PermissionError("no links here")):
        again()
    assert starters(place) == {"starter.py": SHIPPED, "starter.1.py": MINE}


def test_a_full_disk_leaves_everything_as_it_was(
    reset: tuple[Path, Callable[[], StarterReset]],
) -> None:
    place, again = reset
    (place / "starter.py").write_bytes(MINE)
    full = OSError(28, "No space left on device")
    with mock.patch.object(disk, "flush", side_effect=full), pytest.raises(WorkspaceError) as told:
        again()
    assert starters(place) == {"starter.py": MINE}
    assert str(told.value.fix) == "Free some space on that disk."
    assert starter_reset.kept_name(place / "starter.py").name == "starter.1.py"
