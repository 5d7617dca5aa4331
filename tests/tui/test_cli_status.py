"""`tfexam status`: one line about the open sitting, and nothing where there is none."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.clock import ManualClock, SystemClock
from tests.tui.sittings import drawn, keep, settings_in
from tui.cli import main
from tui.commands.status import NO_SITTING


def call(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "status", *args])


def earlier(seconds: float) -> ManualClock:
    """A clock of some time ago."""
    return ManualClock(wall=SystemClock().now().wall - seconds)


@pytest.mark.parametrize("ended", [None, True])
def test_without_an_open_sitting_it_says_nothing(tmp_path: Path, ended: bool | None) -> None:
    if ended:
        keep(tmp_path, "done", score=5, ended=True)
    found = call(tmp_path)
    assert (found.exit_code, found.stdout, found.stderr) == (NO_SITTING, "", "")


def test_a_sitting_whose_time_is_up_is_not_open(tmp_path: Path) -> None:
    keep(tmp_path, "over", score=5, clock=earlier(3601))
    assert call(tmp_path).exit_code == NO_SITTING


def test_time_scores_total_and_last_verdict_stand_in_one_line(tmp_path: Path) -> None:
    keep(tmp_path, "open", score=4)
    found = call(tmp_path)
    assert found.exit_code == 0
    (line,) = found.stdout.splitlines()
    time, scores, total, last = line.split(" · ")
    assert time.startswith(("▶ 0:59:", "▶ 1:00:00"))
    assert time.endswith(" left")
    assert (scores, total, last) == ("4 4 4 4 4", "80 %", "Category 5 ● graded 4/5")


def test_before_the_first_submission_there_is_no_verdict(tmp_path: Path) -> None:
    keep(tmp_path, "open")
    assert call(tmp_path).stdout.rstrip().endswith("– – – – – · 0 %")


def test_the_newest_open_one_counts_and_a_damaged_one_is_passed_over(tmp_path: Path) -> None:
    keep(tmp_path, "2026-01-01-0800-aaaa", score=1)
    keep(tmp_path, "2026-01-02-0800-aaaa", score=2)
    keep(tmp_path, "2026-01-03-0800-aaaa")
    damaged = settings_in(tmp_path).sittings_folder / "2026-01-03-0800-aaaa" / "journal.jsonl"
    damaged.write_bytes(b"rubbish\n" + damaged.read_bytes())
    assert "2 2 2 2 2" in call(tmp_path).stdout


def test_json_has_the_same_facts(tmp_path: Path) -> None:
    keep(tmp_path, "open", score=3)
    row = json.loads(call(tmp_path, "--format", "json").stdout)
    assert row["phase"] == "running"
    assert 3500 < row["time_left"] <= 3600
    assert list(row["scores"].values()) == [3] * 5
    assert row["percent"] == 60
    last = row["last"]
    assert (last["category"], last["verdict"], last["score"]) == (5, "graded", 3)
    assert "code" not in row
    assert str(drawn().tasks[0].seed) not in json.dumps(row)
