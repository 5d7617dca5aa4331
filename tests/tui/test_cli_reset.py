"""`tfexam reset`: the starter of a task of the open sitting as it was handed out."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.sitting.store.layout import copy_task
from engine.sitting.store.record import (
    category_folder,
    hidden_folder,
    read_record,
    task_folder,
)
from exam_bank.catalog import Catalog
from exam_bank.paper import for_practice
from exam_bank.preparation import make_material
from tests.tui.sittings import keep, settings_in
from tui.cli import main


def call(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "reset", *args])


def folder_of(home: Path, category: int) -> Path:
    """The category folder of the open sitting, with a candidate's starter in it."""
    record = read_record(settings_in(home).sittings_folder / "open")
    task = next(each.task for each in record.paper.tasks if each.category == category)
    folder = category_folder(record, task)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "train.csv").touch()
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
    assert "Also there again: brief.md." in done.stdout
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


def test_a_folder_that_is_gone_comes_back_with_brief_and_data(tmp_path: Path) -> None:
    """With a real task, whose hidden set is made as at the lay-out."""
    home, task = tmp_path, "courier-trips"
    catalog = Catalog.find()
    keep(home, "open", of=for_practice([catalog.task(task)], number=7), kind="practice")
    folder = settings_in(home).sittings_folder / "open"
    record = read_record(folder)
    copy_task(catalog.task(task), task_folder(folder, task), with_hints=False)
    (drawn,) = record.paper.tasks
    make_material(catalog.task(task).folder, drawn.seed).hidden.write(hidden_folder(folder, task))
    place = category_folder(record, task)
    done = call(home, task, "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    assert sorted(each.name for each in place.iterdir()) == ["brief.md", "data", "starter.py"]
    assert f"{place.name}/data is there again, as it was handed out." in done.stdout
    assert (place / "data" / "train.csv").stat().st_size > 0
    assert [each.name for each in place.parent.iterdir()] == [place.name]


def test_a_task_that_cannot_be_reset_keeps_no_other_from_it(tmp_path: Path) -> None:
    catalog = Catalog.find()
    tasks = catalog.of(2)[:2]
    keep(tmp_path, "open", of=for_practice(tasks, number=7), kind="practice")
    folder = settings_in(tmp_path).sittings_folder / "open"
    record = read_record(folder)
    for each in tasks:
        copy_task(each, task_folder(folder, each.id), with_hints=False)
    first, second = (category_folder(record, each.task) for each in record.paper.tasks)
    (second / "data").mkdir(parents=True)
    (second / "data" / "train.csv").touch()
    first.write_bytes(b"in the way")
    done = call(tmp_path, "2", "--yes")
    assert done.exit_code == 2
    assert "cannot be reset" in done.stderr
    assert "Category2b/starter.py is as it was handed out." in done.stdout
    assert (second / "starter.py").is_file()
