"""Files of ours are written whole or not at all."""

from pathlib import Path

import pytest

from engine.files import write_atomically


@pytest.mark.parametrize("place", ["nowhere/a.txt", "folder"])
def test_an_error_names_the_file_that_was_asked_for_and_leaves_nothing(
    tmp_path: Path, place: str
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"nowhere/a\.txt'\Z|folder'\Z") as found:
        write_atomically(tmp_path / place, b"new")
    assert found.value.filename == str(tmp_path / place)
    assert [each.name for each in tmp_path.rglob("*")] == ["folder"]


def test_the_old_content_goes_when_the_new_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for content in (b"old", b"new"):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
