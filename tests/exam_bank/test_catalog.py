"""Finding tasks: built in and in packs, in a fixed order, with clear faults."""

import os
import sys
from pathlib import Path

import pytest

from exam_bank.catalog import BUILT_IN, Catalog
from exam_bank.errors import TaskFileError, UnknownTaskError
from exam_bank.packs import packs_from
from exam_bank.task import CATEGORIES
from tests.exam_bank.test_task import WHOLE, write


def pack(tmp_path: Path, *names: str) -> Path:
    for name in names:
        write(tmp_path / "pack" / name, WHOLE.replace('"line"', f'"{name}"'))
    return tmp_path / "pack"


def test_every_category_has_a_built_in_task() -> None:
    catalog = Catalog.find()
    assert all(catalog.of(category) for category in CATEGORIES)


def test_tasks_come_by_category_and_id_whatever_the_folder_order(tmp_path: Path) -> None:
    found = Catalog.find([pack(tmp_path, "zebra", "ant")]).tasks
    keys = [(task.category, task.id) for task in found]
    assert keys == sorted(keys)
    assert {"zebra", "ant"} <= {name for _, name in keys}


def test_a_task_of_a_pack_is_found_by_its_id(tmp_path: Path) -> None:
    catalog = Catalog.find([pack(tmp_path, "ant")])
    assert catalog.task("ant").folder == tmp_path / "pack" / "ant"


def test_an_unknown_id_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownTaskError) as caught:
        Catalog.find([pack(tmp_path, "ant")]).task("bee")
    assert "'bee'" in caught.value.message
    assert "ant" in caught.value.fix


def test_two_folders_of_one_id_are_both_named(tmp_path: Path) -> None:
    first = pack(tmp_path, "ant")
    second = write(tmp_path / "other" / "copy", (first / "ant/task.toml").read_text())
    with pytest.raises(TaskFileError) as caught:
        Catalog.find([first, second.parent])
    assert str(first / "ant") in caught.value.message
    assert str(second) in caught.value.message


def test_the_same_pack_twice_is_one_pack(tmp_path: Path) -> None:
    folder = pack(tmp_path, "ant")
    assert [task.id for task in Catalog.find([folder, folder]).tasks].count("ant") == 1
    assert Catalog.find([BUILT_IN]).tasks == Catalog.find().tasks


def test_a_pack_that_is_no_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskFileError, match="nowhere") as caught:
        Catalog.find([tmp_path / "nowhere"])
    assert "TFEXAM_BANK" in caught.value.fix


def test_a_pack_without_tasks_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TaskFileError, match="empty"):
        Catalog.find([tmp_path / "empty"])


def test_a_broken_task_of_a_pack_is_named(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "bad", "id = ")
    with pytest.raises(TaskFileError) as caught:
        Catalog.find([tmp_path / "pack"])
    assert str(tmp_path / "pack" / "bad" / "task.toml") in caught.value.message


def test_packs_are_parted_as_the_system_parts_paths(tmp_path: Path) -> None:
    value = os.pathsep.join([str(tmp_path / "one"), "", str(tmp_path / "two")])
    assert packs_from(value) == (tmp_path / "one", tmp_path / "two")
    assert packs_from("") == ()


def test_a_home_sign_in_a_pack_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert packs_from("~/pack") == (Path("/somewhere/pack"),)


def installed(
    site: Path, monkeypatch: pytest.MonkeyPatch, value: str = "my_pack.tasks", text: str = WHOLE
) -> Path:
    """A package that offers the pack `value`, as pip lays it out; importing it is an error."""
    monkeypatch.syspath_prepend(site)
    about = site / "my_pack-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: my-pack\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[tfexam.bank]\nmine = {value}\n")
    folder = write(site / "my_pack/tasks/ant", text.replace('"line"', '"ant"'))
    (site / "my_pack/__init__.py").write_text("raise RuntimeError('imported')\n")
    return folder


def test_an_installed_package_offers_tasks_without_being_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = installed(tmp_path, monkeypatch)
    catalog = Catalog.find()
    assert catalog.task("ant").folder == folder
    assert catalog.faults == ()
    assert "my_pack" not in sys.modules


def test_a_pack_both_installed_and_named_is_one_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = installed(tmp_path, monkeypatch)
    catalog = Catalog.find([folder.parent])
    assert [task.id for task in catalog.tasks].count("ant") == 1
    assert catalog.faults == ()


@pytest.mark.parametrize(
    ("value", "text", "says"),
    [
        ("my_pack.tasks", "id = ", "ant/task.toml: Invalid value"),
        ("my_pack.tasks", WHOLE.replace('"line"', '"flats"'), "ant/task.toml, line 3, id: "),
        ("my_pack", WHOLE, "my_pack holds no tasks."),
        ("my_pack.gone", WHOLE, "there is no such package"),
        ("no_such_package", WHOLE, "there is no such package"),
        ("json", WHOLE, "json holds no tasks"),
        ("math", WHOLE, "there is no such package"),
    ],
)
def test_a_broken_installed_pack_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, text: str, says: str
) -> None:
    installed(tmp_path, monkeypatch, value, text.replace('"flats"', '"Flats"'))
    catalog = Catalog.find()
    assert catalog.tasks == tuple(task for task in catalog.tasks if task.folder.parent == BUILT_IN)
    (fault,) = catalog.faults
    assert f"the package my-pack (entry point mine = {value}) is left out" in fault.message
    assert says in fault.message
    assert "pip uninstall my-pack" in fault.fix
    with pytest.raises(UnknownTaskError, match="the package my-pack"):
        catalog.task("ant")


def test_an_installed_pack_that_claims_a_known_id_is_left_out_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = installed(tmp_path, monkeypatch)
    write(folder.parent / "zebra", WHOLE.replace('"line"', '"flats"'))
    catalog = Catalog.find()
    assert "ant" not in {task.id for task in catalog.tasks}
    assert "Two folders claim the task id flats" in catalog.faults[0].message


def test_a_source_that_is_no_data_set_is_named(tmp_path: Path) -> None:
    text = WHOLE.replace('"synthetic"', '"nothing"')
    folder = write(tmp_path / "pack" / "ant", text)
    with pytest.raises(TaskFileError) as caught:
        Catalog.find([folder.parent])
    assert str(folder / "task.toml") in caught.value.message
    assert "'nothing'" in caught.value.message
    assert "fashion-mnist" in caught.value.fix


SETS = """
format_version = 1
[sets.mine]
title = "Mine"
licence = "CC0"
citation = "Me"
[sets.mine.files.a]
sources = ["https://data.example/a"]
sha256 = ["0000000000000000000000000000000000000000000000000000000000000000"]
"""


def test_a_pack_may_bring_its_own_data_sets(tmp_path: Path) -> None:
    folder = write(tmp_path / "pack" / "ant", WHOLE.replace('"synthetic"', '"mine"'))
    (folder.parent / "datasets.toml").write_text(SETS)
    catalog = Catalog.find([folder.parent])
    assert catalog.task(catalog.tasks[0].id)
    assert {"mine", "fashion-mnist"} <= set(catalog.registry.sets)


def test_a_pack_cannot_change_a_known_data_set(tmp_path: Path) -> None:
    folder = pack(tmp_path, "ant")
    (folder / "datasets.toml").write_text(SETS.replace("mine", "iris"))
    with pytest.raises(TaskFileError) as caught:
        Catalog.find([folder])
    assert f"{folder / 'datasets.toml'}: sets.iris" in caught.value.message


@pytest.mark.parametrize("name", ["ant/task.toml", "datasets.toml"])
@pytest.mark.parametrize("what", ["long", "deep", "dotted"])
def test_a_toml_of_any_length_or_depth_is_named(tmp_path: Path, name: str, what: str) -> None:
    folder = pack(tmp_path, "ant")
    if what == "long":
        with (folder / name).open("wb") as file:
            file.truncate(1 << 40)
    else:
        nested = "id = " + "[" * 50_000 if what == "deep" else ".".join("a" * 5_000) + " = 1"
        (folder / name).write_text(nested)
    with pytest.raises(TaskFileError) as caught:
        Catalog.find([folder])
    assert name in caught.value.message


@pytest.mark.parametrize("name", ["brief.md", "starter.py"])
def test_a_text_of_any_length_is_named_and_not_read(tmp_path: Path, name: str) -> None:
    folder = pack(tmp_path, "ant")
    with (folder / "ant" / name).open("wb") as file:
        file.truncate(1 << 40)
    task = Catalog.find([folder]).task("ant")
    with pytest.raises(TaskFileError, match=rf"{name} cannot be read: it holds more than"):
        task.brief() if name == "brief.md" else task.starter()
