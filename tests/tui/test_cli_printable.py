"""No name of a file, pack, sitting or argument lets a command control the terminal."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.grading import protocol
from engine.grading.answers import answer, csv_text, json_line, junit_text, text_line
from engine.grading.protocol import Message, Metric
from exam_bank.catalog import BUILT_IN, Catalog
from exam_bank.printable import printable_lines
from tests.tui.sittings import keep, settings_in
from tui.cli import main
from tui.commands.options import table
from tui.streams import PrintableStream, beneath

HOSTILE = "a\x1b]0;t\x07\x9b31m\u202e\u2066\u200b[red]\nPASS 5 of 5\r"
UNDECODED = os.fsdecode(b"\xff\x1b[2J")


def assert_harmless(said: str) -> None:
    assert said == printable_lines(said)
    assert not any(line.lstrip().startswith("PASS 5") for line in said.splitlines())


def call(home: Path, *args: str) -> Result:
    found = CliRunner().invoke(main, ["--home", str(home), *args])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


COMMANDS = (
    ("{}",),
    ("--{}",),
    ("--lang", "{}", "history"),
    ("--home", "{}", "history"),
    ("lint", "{}"),
    ("lint", "{}", "--format", "json"),
    ("lint", "mymodel.h5", "--task", "{}"),
    ("grade", "{}"),
    ("grade", "mymodel.h5", "--task", "{}"),
    ("grade", "mymodel.h5", "--code", "{}"),
    ("grade", "mymodel.h5", "--format", "{}"),
    ("grade", "mymodel.h5", "--seed", "{}"),
    ("bank", "{}"),
    ("bank", "show", "{}"),
    ("bank", "check", "{}"),
    ("data", "fetch", "{}"),
    ("data", "add", "{}"),
    ("report", "{}"),
    ("history", "--recover", "{}"),
    ("exam", "--mode", "{}"),
    ("practice", "{}"),
    ("serve", "--port", "{}"),
)


@pytest.mark.parametrize("name", [HOSTILE, UNDECODED], ids=["escapes", "no UTF-8"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_was_typed_is_said_back_harmlessly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = call(tmp_path / "home", *(each.format(name) for each in command))
    assert found.exit_code != 0 or "history" in command
    assert_harmless(found.output)


@pytest.mark.parametrize("notation", ["text", "json"])
def test_names_of_files_and_sittings(tmp_path: Path, notation: str) -> None:
    sittings = settings_in(tmp_path).sittings_folder
    keep(tmp_path, "whole", score=5, ended=True)
    shutil.copytree(sittings / "whole", sittings / HOSTILE)
    keep(tmp_path, "broken")
    (sittings / "broken").rename(sittings / f"{HOSTILE}broken")
    (sittings / f"{HOSTILE}broken" / "journal.jsonl").write_text('{"event": "\\u001b[2J"}\n')
    model = tmp_path / f"{HOSTILE}.h5"
    model.write_text("no model")
    for args in (["history"], ["history", "--check"], ["lint", str(model)], ["data", "list"]):
        found = call(tmp_path, *args, "--format", notation)
        assert_harmless(found.output)
        assert found.stdout
        if notation == "json":
            rows = [json.loads(line) for line in found.stdout.splitlines()]
            # JSON loses nothing: it can escape.
            assert (
                args[0] == "data"
                or any(HOSTILE in str(row.values()) for row in rows)
                or any(HOSTILE in str(value) for row in rows for value in row.values())
            )


@pytest.mark.parametrize("notation", ["text", "json"])
def test_titles_and_briefs_of_a_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notation: str
) -> None:
    pack = tmp_path / HOSTILE.replace("/", "")
    shutil.copytree(BUILT_IN / "straight_line", pack / "mine")
    says = pack / "mine" / "task.toml"
    text = says.read_text().replace('"straight-line"', '"mine"', 1)
    title = json.dumps(HOSTILE)
    lines = [f"en = {title}" if each.startswith("en = ") else each for each in text.splitlines()]
    says.write_text("\n".join(lines))
    (pack / "mine" / "brief.md").write_text(f"# {HOSTILE}\n")
    monkeypatch.setenv("TFEXAM_BANK", str(pack))
    for args in (["bank", "list"], ["bank", "show", "mine"]):
        found = call(tmp_path / "home", *args, "--format", notation)
        assert found.exit_code == 0
        assert_harmless(found.output.replace("PASS 5", "-") if "show" in args else found.output)
        assert "[red]" in found.stdout


def test_settings_of_the_environment_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    monkeypatch.setenv("TFEXAM_CONFIG", str(config))
    for text in (f"minutes = {json.dumps(HOSTILE)}", f"{json.dumps(HOSTILE)} = 1", "\x1b = 1"):
        config.write_text(text)
        found = call(tmp_path, "history")
        assert found.exit_code == 2
        assert_harmless(found.output)
    config.unlink()
    monkeypatch.setenv("TFEXAM_MINUTES", HOSTILE)
    assert_harmless(call(tmp_path, "history").output)


def test_the_answers_of_grading() -> None:
    task = Catalog.find().task("straight-line")
    message = Message("{a}" + HOSTILE, {"a": HOSTILE})
    grades = (
        protocol.Graded(message=message, metric=Metric(HOSTILE, 1.0, 9), score=3, notes=(message,)),
        protocol.Rejected(message=message, reason=HOSTILE),
        protocol.GraderFailed(message=Message("{gone}"), log=HOSTILE),
    )
    for name in (HOSTILE, UNDECODED):
        answers = [answer(name, "0" * 64, task, grade) for grade in grades]
        for each in answers:
            assert_harmless(text_line(each))
            assert_harmless(json_line(each))
            assert json.loads(json_line(each))["verdict"] == each.verdict
        written = io.StringIO()
        PrintableStream(written).writelines([csv_text(answers), junit_text(answers)])
        assert written.getvalue() == printable_lines(written.getvalue())
    assert "{gone}" in text_line(answers[-1])


def test_a_cell_of_a_table_is_one_line() -> None:
    assert table(("a", "b"), [(HOSTILE, 1)]).count("\n") == 1


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "latin-1"])
def test_no_locale_opens_a_way_past(tmp_path: Path, encoding: str) -> None:
    command = [sys.executable, "-m", "tui.cli", "lint", HOSTILE.replace("\n", "")]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "TFEXAM_HOME": str(tmp_path)}
    found = subprocess.run(command, capture_output=True, env=environment, timeout=120, check=False)
    said = (found.stdout + found.stderr).decode(encoding)
    assert "rejected" in said
    assert_harmless(said)


def test_who_moves_the_cursor_on_purpose_can() -> None:
    below = io.StringIO()
    assert beneath(PrintableStream(below)) is below  # type: ignore[arg-type]
    assert beneath(below) is below
