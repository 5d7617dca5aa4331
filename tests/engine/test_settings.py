from pathlib import Path

import pytest

from engine.errors import SettingsError
from engine.settings import Settings, env_example
from engine.settings_schema import SCHEMA

ROOT = Path(__file__).parents[2]


def load(tmp_path: Path, *, flags: dict[str, object] | None = None, **variables: str) -> Settings:
    environment = {"TFEXAM_CONFIG": str(tmp_path / "config.toml"), **variables}
    return Settings.load(flags, environment=environment, folder=tmp_path)


def test_defaults_are_usable(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.minutes == 300
    assert settings.mode == "faithful"
    assert settings.home.is_absolute()
    assert settings.packs == ()
    assert settings.prewarm is True


def test_each_source_outranks_the_next(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("minutes = 10\n")
    assert load(tmp_path).minutes == 10
    (tmp_path / ".env").write_text("TFEXAM_MINUTES=20\n")
    assert load(tmp_path).minutes == 20
    assert load(tmp_path, TFEXAM_MINUTES="30").minutes == 30
    assert load(tmp_path, flags={"minutes": 40}, TFEXAM_MINUTES="30").minutes == 40


def test_a_flag_that_is_not_given_does_not_count(tmp_path: Path) -> None:
    assert load(tmp_path, flags={"minutes": None}, TFEXAM_MINUTES="30").minutes == 30


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TFEXAM_MINUTES", "soon"),
        ("TFEXAM_MINUTES", "0"),
        ("TFEXAM_MINUTES", "nan"),
        ("TFEXAM_MODE", "easy"),
        ("TFEXAM_PREWARM", "maybe"),
        ("TFEXAM_GRADER_DEVICE", "tpu"),
    ],
)
def test_an_unusable_value_is_named_with_its_source(
    tmp_path: Path, variable: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=f"{variable} in the environment is '{value}'"):
        load(tmp_path, flags=None, **{variable: value})


def test_an_unknown_key_of_the_config_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("minuets = 10\n")
    with pytest.raises(SettingsError, match="minuets"):
        load(tmp_path)


def test_a_broken_config_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("minutes = \n")
    with pytest.raises(SettingsError, match=r"config\.toml cannot be read"):
        load(tmp_path)


def test_bank_folders_are_a_path_list(tmp_path: Path) -> None:
    settings = load(tmp_path, flags={"bank": ["/a", "/b"]})
    assert settings.packs == (Path("/a"), Path("/b"))


def test_the_language_comes_from_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert load(tmp_path).language == "zh"
    assert load(tmp_path, TFEXAM_LANG="en").language == "en"
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert load(tmp_path).language == "en"


def test_the_example_file_names_every_setting_and_is_fresh() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert text == env_example(), "python -m engine.settings > .env.example"
    assert all(each.variable in text for each in SCHEMA)


def test_a_dotenv_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"TFEXAM_LANG=\xff\n")
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize(
    "variable", ["TFEXAM_HOME", "TFEXAM_WORKSPACES", "TFEXAM_BANK", "TFEXAM_CONFIG"]
)
def test_the_home_of_somebody_who_is_not_there_is_refused(tmp_path: Path, variable: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable}.* is '~nosuchone/x'"):
        load(tmp_path, flags=None, **{variable: "~nosuchone/x"})


def test_an_empty_language_in_the_config_file_is_that_of_the_locale(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('lang = ""\n')
    assert load(tmp_path).lang == ""


def test_a_flag_is_named_as_it_is_typed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^--minutes is 0\.0"):
        load(tmp_path, flags={"practice_minutes": 0.0})


def test_a_folder_whose_name_no_record_could_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not valid UTF-8"):
        load(tmp_path, TFEXAM_WORKSPACES="/tmp/\udcff")
