"""What of Python's path stays readable behind the walls: libraries, and not who uses them."""

import os
import sys
import types
from pathlib import Path
from types import ModuleType

import pytest

from engine.grading.sandbox import python_paths


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    entries: list[str] = []
    monkeypatch.setattr(sys, "path", entries)
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    return entries


def package(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that has been imported from `folder`."""
    place = folder / name
    place.mkdir(parents=True)
    module = types.ModuleType(name)
    module.__path__ = [str(place)]
    module.__file__ = str(place / "__init__.py")
    monkeypatch.setitem(sys.modules, name, module)
    return place


def found(folder: Path) -> set[Path]:
    return {each for each in python_paths.readable() if each.is_relative_to(folder)}


def test_of_a_checkout_only_the_packages_it_was_wanted_for(
    path: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.append(str(tmp_path))
    (tmp_path / ".git").mkdir()
    (tmp_path / "notes.py").touch()
    imported = package(tmp_path, "canary_package", monkeypatch)
    alone = types.ModuleType("canary_module")
    alone.__file__ = str(tmp_path / "canary_module.py")
    monkeypatch.setitem(sys.modules, "canary_module", alone)
    assert found(tmp_path) == {imported, tmp_path / "canary_module.py"}


def test_a_package_that_is_the_whole_folder_does_not_open_it(
    path: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.append(str(tmp_path))
    odd = types.ModuleType("canary_odd")
    odd.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "canary_odd", odd)
    assert not found(tmp_path)


@pytest.mark.parametrize("name", ["site-packages", "dist-packages"])
def test_libraries_stay_readable_whole(path: list[str], tmp_path: Path, name: str) -> None:
    libraries = tmp_path / name
    (libraries / "tensorflow").mkdir(parents=True)
    path += [str(libraries), str(libraries)]
    assert found(tmp_path) == {libraries}
    assert libraries in python_paths.listed()


def test_but_not_the_tasks_that_are_installed_among_them(
    path: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries = tmp_path / "site-packages"
    for name in ("tensorflow", "engine", "exam_bank/tasks/text", "exam_bank/synthetic"):
        (libraries / name).mkdir(parents=True)
    bank = libraries / "exam_bank"
    monkeypatch.setattr(python_paths, "TASKS", bank / "tasks")
    path.append(str(libraries))
    open_ones = {libraries / "tensorflow", libraries / "engine", bank / "synthetic"}
    assert found(tmp_path) == open_ones
    assert python_paths.listed() == [bank, libraries]


def test_nor_those_of_a_checkout(path: list[str]) -> None:
    checkout = python_paths.TASKS.parents[1]
    path.append(str(checkout))
    open_ones = found(checkout)
    assert {checkout / "engine", checkout / "exam_bank" / "synthetic"} <= open_ones
    assert not [each for each in open_ones if python_paths.TASKS.is_relative_to(each)]
    assert not [each for each in open_ones if each.is_relative_to(python_paths.TASKS)]


def test_nor_the_code_of_a_task_that_ran_in_this_process(
    path: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = python_paths.TASKS.parents[1]
    path.append(str(checkout))
    ran = ModuleType("a_task")
    ran.__file__ = str(python_paths.TASKS / "flats" / "data.py")
    monkeypatch.setitem(sys.modules, "a_task", ran)
    assert not [each for each in found(checkout) if each.is_relative_to(python_paths.TASKS)]


def test_of_a_search_path_the_libraries_alone(
    path: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("libone.so", "libtwo.so.3", "letter.txt"):
        (tmp_path / name).touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", os.pathsep.join(["", str(tmp_path), "/not/there"]))
    assert found(tmp_path) == {tmp_path / "libone.so", tmp_path / "libtwo.so.3"}
    assert Path.cwd() not in python_paths.readable()


def test_entries_that_cannot_be_looked_at_are_left_out(
    path: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "modules.zip"
    archive.touch()
    none = tmp_path / "none" / "site-packages"  # Landlock passes over it
    path += ["", str(none), str(archive)]
    assert found(tmp_path) == {none, archive}
