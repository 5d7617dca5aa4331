"""Sittings made by an earlier tfexam open, replay and report as they did then."""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.tui import catalogs
from tui.cli import main

SITTINGS = Path(__file__).parents[1] / "fixtures" / "sittings"
EXPECTED: dict[str, Any] = json.loads((SITTINGS / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in EXPECTED:
        shutil.copytree(SITTINGS / name, tmp_path / "sittings" / name)
    return tmp_path


def said(home: Path, *arguments: str) -> str:
    environment = {**os.environ, "TFEXAM_HOME": str(home), "TFEXAM_LANG": "en"}
    done = CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def reported(home: Path, name: str) -> Any:
    return json.loads(said(home, "report", name, "--format", "json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_it_reports_the_same(home: Path, name: str) -> None:
    assert reported(home, name) == EXPECTED[name]["report"]
    # Columns may be wider now.
    assert said(home, "report", name).split() == EXPECTED[name]["text"].split()
    assert said(home, "report", name, "--format", "toml") == (
        (SITTINGS / name / "result.toml").read_text(encoding="utf-8")
    )


def test_the_history_lists_them_as_before(home: Path) -> None:
    lines = [json.loads(line) for line in said(home, "history", "--format", "json").splitlines()]
    found = {line.pop("id"): line for line in lines}
    assert {name: line.pop("folder") for name, line in found.items()} == {
        name: str(home / "sittings" / name) for name in EXPECTED
    }
    assert found == {name: expected["history"] for name, expected in EXPECTED.items()}


def test_their_files_are_whole(home: Path) -> None:
    lines = said(home, "history", "--check").splitlines()
    assert len(lines) == len(EXPECTED)
    assert all(line.endswith(", whole") for line in lines)


@pytest.mark.parametrize("name", EXPECTED)
def test_it_had_come_to_the_same_after_each_event(home: Path, name: str) -> None:
    journal = home / "sittings" / name / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    came_to = []
    (journal.parent / "result.toml").unlink()  # which is written after the last of them
    for count in range(1, len(lines) + 1):
        journal.write_bytes(b"".join(lines[:count]))
        report = reported(home, name)
        came_to.append([report["percent"], report["used_seconds"], report["ended_by"]])
    assert came_to == EXPECTED[name]["came_to"]


@pytest.mark.parametrize("name", EXPECTED)
def test_its_verdicts_are_still_translated(name: str) -> None:
    journal = (SITTINGS / name / "journal.jsonl").read_text(encoding="utf-8")
    templates = set(re.findall(r'"template":("(?:[^"\\]|\\.)*")', journal))
    assert templates
    # One of the two was graded by a stand-in with sentences of its own.
    templates -= {json.dumps(each) for each in ("{why}", "{score}/5", "This is no HDF5 file.")}
    chinese = {each.id for each in catalogs.read("zh") if each.string}
    assert set(map(json.loads, templates)) <= chinese
