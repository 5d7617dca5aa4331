import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import SettingsError
from engine.settings import Settings, env_example, trust_file
from engine.settings_file import save
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


@pytest.mark.parametrize(
    "line",
    [
        "minutes = true",
        "minutes = 2026-11-29",
        "mode = {a = 1}",
        "bank = {a = 1}",
        'bank = ["/a", 3]',
        'data = [["/a"]]',
        "home = 2026-11-29",
    ],
)
def test_a_value_of_another_type_is_named_and_not_read_as_text(tmp_path: Path, line: str) -> None:
    (tmp_path / "config.toml").write_text(line + "\n")
    with pytest.raises(SettingsError, match=rf"{line.split()[0]} in .*config\.toml is "):
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


@pytest.mark.parametrize("variable", ["TFEXAM_HOME", "TFEXAM_BANK"])
def test_a_dotenv_may_not_decide_which_code_runs(tmp_path: Path, variable: str) -> None:
    """It comes with a folder, as in a clone: it could bring its own home and packs."""
    (tmp_path / ".env").write_text(f"{variable}={tmp_path}\n")
    with pytest.raises(
        SettingsError, match=rf"\.env sets {variable}, which no \.env file may do"
    ) as caught:
        load(tmp_path)
    assert f"export {variable}" in caught.value.fix
    name = variable.removeprefix("TFEXAM_").lower()
    assert f'{name} = "{tmp_path}"' in caught.value.fix
    assert str(tmp_path / "config.toml") in caught.value.fix
    (tmp_path / ".env").write_text(f"{variable}=\nTFEXAM_MINUTES=20\n")
    settings = load(tmp_path, flags=None, **{variable: str(tmp_path / "mine")})
    assert settings.minutes == 20
    assert tmp_path / "mine" in (settings.home, *settings.bank)


def test_a_dotenv_moves_neither_the_config_file_nor_the_list_of_trust(tmp_path: Path) -> None:
    before = trust_file()
    (tmp_path / "other.toml").write_text("minutes = 7\n")
    lines = [f"TFEXAM_CONFIG={tmp_path}/other.toml", f"XDG_CONFIG_HOME={tmp_path}", "HOME=/x"]
    (tmp_path / ".env").write_text("\n".join(lines))
    assert load(tmp_path).minutes == 300
    assert trust_file() == before


def test_a_dotenv_is_taken_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=x\nTFEXAM_THEME=${A}${HOME}\n")
    assert load(tmp_path).theme == "${A}${HOME}"


def test_nested_names_in_a_dotenv_cost_no_memory(tmp_path: Path) -> None:
    """Interpolated, these 600 bytes would become 16 TB."""
    names = [f"N{n}=" + f"${{N{n - 1}}}" * 16 for n in range(1, 11)]
    (tmp_path / ".env").write_text("\n".join(["N0=" + "x" * 16, *names, "TFEXAM_THEME=${N10}"]))
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30));"
        "from engine.settings import Settings; print(Settings.load(environment={}).theme)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (found.stdout, found.stderr) == ("${N10}\n", "")


@pytest.mark.parametrize("name", [".env", "config.toml"])
def test_a_settings_file_of_any_length_is_refused(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(SettingsError, match=rf"{name} cannot be read: it holds more than 64 kB"):
        load(tmp_path)


@pytest.mark.parametrize("device", ["pipe", "/dev/full", "/dev/zero", "folder"])
def test_a_config_file_that_is_no_file_is_named_and_not_waited_for(
    tmp_path: Path, device: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    path = tmp_path / device
    with pytest.raises(SettingsError, match=rf"{path} cannot be read: it is not a regular file"):
        load(tmp_path, TFEXAM_CONFIG=str(path))
    with pytest.raises(SettingsError, match="it is not a regular file"):
        save(path, "minutes", 20)


def test_a_config_file_of_endless_depth_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("minutes = " + "[" * 20_000)
    with pytest.raises(SettingsError, match=r"config\.toml cannot be read"):
        load(tmp_path)
