from pathlib import Path

from engine.coaching.class_names import class_names


def test_names_have_the_numbers_of_their_lines(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "classes.txt").write_text("\nbusiness\n sport \n", encoding="utf-8")
    assert class_names(tmp_path) == ("", "business", "sport")


def test_without_a_file_that_can_be_read_there_are_none(tmp_path: Path) -> None:
    assert class_names(tmp_path) == ()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "classes.txt").write_bytes(b"\xff\xfe")
    assert class_names(tmp_path) == ()
