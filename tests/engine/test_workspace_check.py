import os
from pathlib import Path

import pytest

from engine.sitting.store.workspace_check import folder_fault


@pytest.fixture
def sittings(tmp_path: Path) -> Path:
    return tmp_path / "home" / "sittings"


def said(folder: Path, sittings: Path) -> str:
    fault = folder_fault(folder, sittings)
    return "" if fault is None else fault.text()


def test_a_folder_that_is_not_there_yet_is_fit(tmp_path: Path, sittings: Path) -> None:
    assert said(tmp_path / "a" / "b", sittings) == ""


def test_a_folder_with_things_of_ones_own_is_fit(tmp_path: Path, sittings: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert said(tmp_path, Path("/elsewhere")) == ""


def test_a_file_is_no_folder(tmp_path: Path, sittings: Path) -> None:
    (tmp_path / "file").write_text("")
    assert said(tmp_path / "file", sittings) == "It is not a folder."
    assert said(tmp_path / "file" / "new", sittings) == f"{tmp_path / 'file'} is not a folder."


def test_a_folder_of_another_sitting_is_taken(tmp_path: Path, sittings: Path) -> None:
    (tmp_path / "Category3").mkdir()
    assert said(tmp_path, sittings) == "It already holds Category3: choose another folder."


def test_a_folder_around_the_hidden_sets_is_refused(tmp_path: Path, sittings: Path) -> None:
    assert "Hidden sets" in said(tmp_path, sittings)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, sittings: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert said(closed / "new", sittings) == f"{closed} cannot be written."


def test_a_name_too_long_for_the_system_is_told(tmp_path: Path, sittings: Path) -> None:
    assert "cannot be used" in said(tmp_path / ("x" * 300), sittings)
