import os
import tomllib
from pathlib import Path

import pytest

from engine.errors import SettingsError
from engine.settings import Settings
from engine.settings_file import change
from engine.settings_schema import setting


def load(folder: Path, **variables: str) -> Settings:
    environment = {"TFEXAM_CONFIG": str(folder / "config.toml"), **variables}
    return Settings.load(None, environment=environment, folder=folder)


def changed(folder: Path, name: str, text: str) -> Settings:
    """The settings in force after the change; the next start must agree."""
    now = change(load(folder), setting(name), text)
    assert now == load(folder)
    assert {each: source.kind for each, source in now.sources.items()} == {
        each: source.kind for each, source in load(folder).sources.items()
    }
    return now


def file_of(folder: Path) -> Path:
    return folder / "config.toml"


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("minutes", "90", 90),
        ("minutes", "0.5", 0.5),
        ("bell", "0", False),
        ("mode", "coach", "coach"),
        ("workspaces", "~/exams", "~/exams"),
        ("bank", os.pathsep.join(("/a", "~/b")), ["/a", "~/b"]),
        ("theme", 'a "quoted" one', 'a "quoted" one'),
    ],
)
def test_a_value_is_written_in_the_type_of_its_setting(
    tmp_path: Path, name: str, text: str, written: object
) -> None:
    changed(tmp_path, name, text)
    assert tomllib.loads(file_of(tmp_path).read_text()) == {name: written}


def test_comments_and_other_entries_stay_as_they_are(tmp_path: Path) -> None:
    text = '# mine\nminutes = 10  # short\n\n# why\nlang = "zh"'
    file_of(tmp_path).write_text(text)
    changed(tmp_path, "minutes", "20")
    assert file_of(tmp_path).read_text() == '# mine\nminutes = 20\n\n# why\nlang = "zh"'
    changed(tmp_path, "bell", "0")
    assert file_of(tmp_path).read_text().endswith('lang = "zh"\nbell = false\n')


def test_what_is_unknown_stays_untouched(tmp_path: Path) -> None:
    text = "later = [\n  1,\n]\n\n[other]\nminutes = 5\n"
    file_of(tmp_path).write_text(text)
    from engine.settings_file import save

    save(file_of(tmp_path), "bell", False)
    assert file_of(tmp_path).read_text() == text.replace("[other]", "bell = false\n[other]")
    # An entry of that name in a table is another one.
    save(file_of(tmp_path), "minutes", 7)
    assert "minutes = 7\n[other]\nminutes = 5\n" in file_of(tmp_path).read_text()


def test_an_entry_over_several_lines_keeps_all_values(tmp_path: Path) -> None:
    file_of(tmp_path).write_text('bank = [\n  "/a",\n  "/b",\n]\nminutes = 10\n')
    changed(tmp_path, "bank", "/c")
    assert tomllib.loads(file_of(tmp_path).read_text()) == {"bank": ["/c"], "minutes": 10}


def test_an_empty_text_takes_the_entry_out(tmp_path: Path) -> None:
    for name in ("minutes", "home", "lang"):
        changed(tmp_path, name, "zh" if name == "lang" else "20")
        changed(tmp_path, name, "")
    assert file_of(tmp_path).read_text() == ""


def test_a_text_that_is_no_value_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="above 0"):
        change(load(tmp_path), setting("minutes"), "soon")
    with pytest.raises(ValueError, match="cpu, gpu"):
        change(load(tmp_path), setting("grader_device"), "tpu")
    assert not file_of(tmp_path).exists()


def test_a_file_that_is_linked_to_is_written_where_it_lies(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "tfexam.toml"
    real.parent.mkdir()
    real.write_text("minutes = 1\n")
    file_of(tmp_path).symlink_to(real)
    changed(tmp_path, "minutes", "2")
    assert real.read_text() == "minutes = 2\n"
    assert file_of(tmp_path).is_symlink()


def test_a_file_that_broke_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    settings = load(tmp_path)
    file_of(tmp_path).write_text("minutes = = 1")
    with pytest.raises(SettingsError, match="cannot be read"):
        change(settings, setting("minutes"), "2")
    assert file_of(tmp_path).read_text() == "minutes = = 1"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    settings = load(tmp_path, TFEXAM_CONFIG=str(tmp_path / "file" / "config.toml"))
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be"):
        change(settings, setting("minutes"), "2")


def test_each_value_tells_where_it_came_from(tmp_path: Path) -> None:
    file_of(tmp_path).write_text("minutes = 10\npractice_minutes = 10\nbell = false\n")
    (tmp_path / ".env").write_text("TFEXAM_PRACTICE_MINUTES=20\n")
    environment = {"TFEXAM_CONFIG": str(file_of(tmp_path)), "TFEXAM_LANG": "zh"}
    settings = Settings.load({"mode": "coach"}, environment=environment, folder=tmp_path)
    kinds = {name: settings.sources[name].kind for name in settings.sources}
    assert kinds["mode"] == "flag"
    assert kinds["lang"] == "environment"
    assert kinds["practice_minutes"] == "dotenv"
    assert kinds["minutes"] == "config"
    assert kinds["theme"] == "default"
    assert settings.sources["lang"].place == "TFEXAM_LANG in the environment"
    fixed = {name for name, source in settings.sources.items() if source.outranks_config}
    assert fixed == {"mode", "lang", "practice_minutes"}
