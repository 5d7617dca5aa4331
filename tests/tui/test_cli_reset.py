"""`tfexam reset`: the starter of a task of the open sitting as it was handed out."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.sitting.store.layout import copy_task
from engine.sitting.store.record import category_folder, read_record, task_folder
from exam_bank.catalog import Catalog
from tests.tui.sittings import keep, settings_in
from tui.cli import main


def call(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "reset", *args])


def folder_of(home: Path, category: int) -> Path:
    """The category folder of the open sitting, with a candidate's starter in it."""
    record = read_record(settings_in(home).sittings_folder / "open")
    task = next(each.task for each in record.paper.tasks if each.category == category)
    folder = category_folder(record, task)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "starter.py").write_text("mine\n")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    record, catalog = keep(tmp_path, "open", score=4), Catalog.find()
    for each in record.paper.tasks:
        kept = task_folder(settings_in(tmp_path).sittings_folder / "open", each.task)
        copy_task(catalog.task(each.task), kept, with_hints=False)
    return tmp_path


def test_the_old_one_is_kept_and_named(home: Path) -> None:
    folder = folder_of(home, 3)
    done = call(home, "3", "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Category3/starter.py is as it was handed out. Yours is kept as starter.1.py." in (
        done.stdout
    )
    assert (folder / "starter.1.py").read_text() == "mine\n"
    assert "TODO" in (folder / "starter.py").read_text()
    again = call(home, "3", "--yes")
    assert "already is as it was handed out" in again.stdout
    assert not (folder / "starter.2.py").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("3",), "say --yes"),
        ((), "Name a task"),
        (("7", "--yes"), "no task or category"),
        (("3", "--all"), "Name a task"),
        (("--all", "--yes"), "--all is for practice"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(home: Path, args: tuple[str, ...], said: str) -> None:
    folder = folder_of(home, 3)
    done = call(home, *args)
    assert done.exit_code == 2
    assert said in done.stderr
    assert (folder / "starter.py").read_text() == "mine\n"


def test_without_an_open_sitting_it_says_so(tmp_path: Path) -> None:
    done = call(tmp_path, "3", "--yes")
    assert done.exit_code == 2
    assert "No sitting is open." in done.stderr
