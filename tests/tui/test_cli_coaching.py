"""`tfexam skills`, `next`, `plan` and `practice SKILL` with sittings on disk."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from engine.clock import SystemClock
from exam_bank.catalog import Catalog
from tests.tui.sittings import drawn, keep
from tui.cli import main


def call(home: Path, *args: str) -> Result:
    done = CliRunner().invoke(main, ["--home", str(home), *args])
    assert done.exit_code == 0, done.output
    return done


def rows(home: Path, *args: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in call(home, *args, "--format", "json").stdout.splitlines()]


def test_all_skills_are_listed_with_the_tasks_that_test_them(tmp_path: Path) -> None:
    found = rows(tmp_path, "skills")
    assert len(found) == 52
    assert all(len(each["tasks"]) >= 2 for each in found if not each["untested"])
    assert all(each["best"] is None for each in found)
    lines = call(tmp_path, "skills").stdout.splitlines()
    assert len(lines) == 53
    assert "no category of the exam marks written text" in lines[-1]
    assert "0 of 44 skills" in call(tmp_path, "skills").stderr
    text = call(tmp_path, "skills", "--tasks").stdout.split()
    named = {each.rstrip(",") for each in text}
    assert {task for each in found for task in each["tasks"]} <= named


def test_without_a_sitting_the_first_is_named(tmp_path: Path) -> None:
    for command in ("review", "report", "export"):
        done = CliRunner().invoke(main, ["--home", str(tmp_path), command])
        assert done.exit_code != 0
        assert "`tfexam exam` starts one." in done.stderr


def test_a_calendar_says_how_many_days_it_has(tmp_path: Path) -> None:
    ics = tmp_path / "plan.ics"
    tomorrow = str(date.today() + timedelta(days=1))
    done = call(tmp_path, "plan", "--exam", tomorrow, "--ics", str(ics))
    assert done.stderr.endswith(("plan.ics: 1 day\n", "plan.ics: 2 days\n"))


def test_an_ended_sitting_shows_and_the_weakest_come_first(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=4, ended=True)
    found = rows(tmp_path, "skills")
    best = [each["best"] for each in found if not each["untested"]]
    assert best == sorted(best, key=lambda each: each or 0)
    assert best[-1] == 4
    assert found[-9]["strength"] == pytest.approx(0.8)


def test_an_open_faithful_exam_shows_nothing(tmp_path: Path) -> None:
    keep(tmp_path, "open", score=4)
    assert all(each["best"] is None for each in rows(tmp_path, "skills"))
    assert all(
        reason["why"] in ("new", "heavy")
        for each in rows(tmp_path, "next", "--count", "50")
        for reason in each["reasons"]
    )


def test_next_names_tasks_with_reasons_in_both_languages(tmp_path: Path) -> None:
    (first,) = rows(tmp_path, "next", "--count", "1")
    assert first["task"] in {each.id for each in Catalog.find().tasks}
    assert first["reasons"][0]["why"] == "new"
    assert "not practised yet" in call(tmp_path, "next").stdout
    assert "还没练过" in call(tmp_path, "--lang", "zh", "next").stdout


def test_tasks_of_a_sitting_are_not_next_at_once(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=5, ended=True)
    found = {each["task"] for each in rows(tmp_path, "next")}
    assert not found & set(drawn().weights)


def exam_in(days: int) -> str:
    return (SystemClock().now().local().date() + timedelta(days=days)).isoformat()


def test_a_plan_is_markdown_json_and_a_calendar(tmp_path: Path) -> None:
    ics = tmp_path / "plan.ics"
    text = call(tmp_path, "plan", "--exam", exam_in(9), "--ics", str(ics)).stdout
    assert text.startswith(f"# Plan for the exam on {exam_in(9)}\n")
    assert text.count("\n## ") == 10
    assert text.count("A whole mock exam") == 2
    entries = Calendar.from_ical(ics.read_bytes()).walk("VEVENT")
    assert len(entries) == 10
    found = rows(tmp_path, "plan", "--exam", exam_in(9))
    assert [date.fromisoformat(each["day"]) for each in found] == [
        date.fromisoformat(exam_in(days)) for days in range(9)
    ]
    assert "的备考计划" in call(tmp_path, "--lang", "zh", "plan", "--exam", exam_in(2)).stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--exam", "tomorrow"], "does not match the format"),
        (["--exam", "2020-01-01"], "2020-01-01 is not within a year"),
        (["--exam", "2027-01-01", "--hours", "0"], "--hours"),
        ([], "--exam"),
    ],
)
def test_a_wrong_date_says_what_to_write(tmp_path: Path, options: list[str], says: str) -> None:
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "plan", *options])
    assert done.exit_code == 2
    assert says in done.stderr


def test_a_calendar_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    options = ["plan", "--exam", exam_in(3), "--ics", str(tmp_path / "no" / "plan.ics")]
    done = CliRunner().invoke(main, ["--home", str(tmp_path), *options])
    assert done.exit_code == 2
    assert "plan.ics" in done.stderr
    assert "Traceback" not in done.output


# -- export and verify: refusals; the rest is tested in the engine and end to end -----------------


def fails(home: Path, *args: str) -> str:
    done = CliRunner().invoke(main, ["--home", str(home), *args])
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    return done.stderr


def test_what_is_open_or_not_there_is_neither_exported_nor_verified(tmp_path: Path) -> None:
    keep(tmp_path, "open", score=4)
    out = str(tmp_path / "out.zip")
    assert "has not ended" in fails(tmp_path, "export", "open", "-o", out)
    assert "has not ended" in fails(tmp_path, "verify", "open")
    assert "No sitting begins with" in fails(tmp_path, "verify", "nothing")
    (tmp_path / "text.zip").write_text("text")
    assert "cannot be read as a bundle" in fails(tmp_path, "verify", str(tmp_path / "text.zip"))
    assert not (tmp_path / "out.zip").exists()


def test_a_sitting_whose_models_are_gone_is_not_verified(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=4, ended=True)
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "verify", "done"])
    assert done.exit_code == 1
    assert "– chain: no chain" in done.stdout
    assert "✗ models: the model of" in done.stdout
    assert "not verified: what is marked ✗ differs" in done.stdout
    found = CliRunner().invoke(
        main, ["--home", str(tmp_path), "verify", "done", "--format", "json"]
    )
    assert json.loads(found.stdout)["verified"] is False
    assert found.exit_code == 1
