import os
from pathlib import Path

import pytest

from engine.sitting.views import folder_view as module
from engine.sitting.views.folder_view import Lister, Listing


def listing(folder: Path) -> Listing:
    return Lister(folder).read()


def names(folder: Path) -> list[str]:
    return [each.name for each in listing(folder).entries]


def test_the_files_one_works_with_come_first_then_folders_with_theirs(tmp_path: Path) -> None:
    for name in ("zeta.py", "brief.md", "mymodel.h5", "starter.py", ".hidden", "Alpha.txt"):
        (tmp_path / name).write_text("x" * 10)
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "train.npz").write_bytes(b"0" * 7)
    (tmp_path / "data" / "deep" / "file").write_bytes(b"")
    (tmp_path / "__pycache__").mkdir()
    assert names(tmp_path) == [
        "starter.py",
        "mymodel.h5",
        "brief.md",
        "Alpha.txt",
        "zeta.py",
        "data/",
        "data/train.npz",
        "data/deep/",
    ]
    sizes = {each.name: each.size for each in listing(tmp_path).entries}
    assert (sizes["data/train.npz"], sizes["data/"]) == (7, None)


def test_a_crowded_folder_is_cut_and_says_how_much_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    for number in range(5):
        (tmp_path / f"{number}.png").touch()
    found = listing(tmp_path)
    assert (len(found.entries), found.left_out) == (3, 2)


def test_links_are_shown_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "up").symlink_to("..")
    assert names(tmp_path) == ["up"]


def test_names_that_a_terminal_must_not_be_sent_are_made_harmless(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"f\xffo\x1b[2J")).mkdir()
    assert names(tmp_path) == ["f�o�[2J/"]


def test_a_lister_sees_what_came_and_what_grew(tmp_path: Path) -> None:
    lister = Lister(tmp_path)
    assert lister.read() == Listing()
    (tmp_path / "a.txt").write_text("1")
    os.utime(tmp_path, ns=(1, 1))
    assert [each.size for each in lister.read().entries] == [1]
    (tmp_path / "a.txt").write_text("22")
    assert [each.size for each in lister.read().entries] == [2]


def test_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    assert listing(tmp_path / "none").fault == "No such file or directory"
