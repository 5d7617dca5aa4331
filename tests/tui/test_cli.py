"""The command line: what it imports, what it refuses, and its error messages."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from engine.errors import SittingError
from tui.cli import COMMANDS, Commands, main


def call(*args: str, home: Path | None = None) -> Result:
    place = ["--home", str(home)] if home else []
    return CliRunner().invoke(main, [*place, *args])


def imports_of(*args: str) -> set[str]:
    """The modules in `sys.modules` after a command line has run in a fresh interpreter."""
    code = (
        "import sys\n"
        "from tui.cli import main\n"
        f"try: main({list(args)!r})\n"
        "except SystemExit as left: assert not left.code, left.code\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


HEAVY = {"textual", "rich", "psutil", "asyncio", "requests", "pynvml", "numpy"}


def test_version_imports_neither_screens_nor_the_engine() -> None:
    found = imports_of("--version")
    assert not found & (HEAVY | {"msgspec"})
    assert not any(name.startswith(("engine.", "tui.commands")) for name in found)


def test_help_imports_of_the_engine_only_the_settings_which_name_the_language() -> None:
    found = imports_of("--help")
    assert not found & HEAVY
    assert not any(name.startswith("tui.commands") for name in found)
    engine = {name for name in found if name.startswith("engine.")}
    assert engine <= {"engine.errors", "engine.files", "engine.settings", "engine.settings_schema"}


def test_bank_list_imports_no_textual() -> None:
    assert not imports_of("bank", "list") & {"textual", "numpy", "asyncio"}


def test_the_version_is_one_line() -> None:
    found = call("--version")
    assert (found.exit_code, found.output.split()[0]) == (0, "tfexam")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_without_running(name: str) -> None:
    found = call(name, "--help")
    assert found.exit_code == 0
    assert found.output.startswith("Usage:")


def test_help_names_the_defaults_that_the_settings_give(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"WORKSPACES": "/srv/exams", "MINUTES": "90", "PRACTICE_MINUTES": "25"}
    for name, value in (given | {"MODE": "coach", "LEVEL": "hard"}).items():
        monkeypatch.setenv(f"TFEXAM_{name}", value)
    for name, minutes in (("exam", "90"), ("practice", "25")):
        found = " ".join(call(name, "--help").output.split())
        assert f"[default: {minutes}]" in found
        assert "[default: hard]" in found
        assert "[default: a new folder in /srv/exams]" in found
    assert "[default: coach]" in " ".join(call("exam", "--help").output.split())


def test_help_is_there_where_a_setting_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFEXAM_MINUTES", "soon")
    assert "[default: 300]" in call("exam", "--help").output


def test_every_command_of_the_table_is_listed() -> None:
    listed = call("--help").output
    assert all(name in listed and meaning in listed for name, meaning in COMMANDS.items())


@pytest.mark.parametrize("args", [[], ["exam"], ["practice"]])
def test_without_a_terminal_the_app_says_so_and_names_grade(args: list[str]) -> None:
    found = call(*args)
    assert found.exit_code == 2
    assert "needs a terminal" in found.stderr
    assert "tfexam grade" in found.stderr
    assert found.stdout == ""


@pytest.mark.parametrize("args", [[], ["exam"], ["practice"]])
def test_without_a_terminal_textual_is_not_imported(args: list[str]) -> None:
    code = (
        "import sys\n"
        "from tui.cli import main\n"
        f"try: main({args!r})\n"
        "except SystemExit as left: print(left.code, 'textual' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.stdout == "2 False\n"


def test_a_file_in_the_place_of_a_command_is_told_about_grade(tmp_path: Path) -> None:
    model = tmp_path / "mymodel.h5"
    model.touch()
    found = call(str(model))
    assert found.exit_code == 2
    assert "tfexam grade" in found.stderr


def test_an_unknown_command_is_a_usage_error() -> None:
    assert call("nosuch").exit_code == 2


def test_a_setting_that_cannot_be_used_is_named_without_a_traceback(tmp_path: Path) -> None:
    found = call("--lang", "xx", "history", home=tmp_path)
    assert found.exit_code == 2
    assert "--lang is 'xx'" in found.stderr
    assert "Traceback" not in found.output


def raising(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (SittingError("The journal is gone.", fix="Restore it."), 2, "Restore it."),
        (OSError(28, "No space left on device", "/full"), 2, "/full: No space left on device."),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
)
def test_a_fault_ends_in_a_sentence_and_a_status(
    error: BaseException, status: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Commands, "get_command", lambda *_: raising(error))
    found = call("history")
    assert found.exit_code == status
    assert words in found.stderr
    assert "Traceback" not in found.output


def test_a_locale_without_the_signs_ends_no_listing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui.cli", "--home", str(tmp_path), "--lang", "zh", "bank", "list"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"garments" in done.stdout
